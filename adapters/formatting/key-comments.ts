/** The comments of YAML documents, kept with what they stand above when keys move. */
import { isNode, type Node, type YAMLMap } from "yaml"

export type Comment = string | null | undefined

/** One below the other. */
export const joined = (one: Comment, other: Comment): Comment =>
  one === null || one === undefined ? other : other === null || other === undefined ? one : `${one}\n${other}`

/**
 * Where the first key is about to move, the comment above it goes with it, but not what is said of the whole. Gives what
 * is to be done once it has moved.
 */
export const freeFirst = (map: YAMLMap, isWhole: boolean): () => void => {
  const first = keyOf(map)
  const { header, own } = parted(joined(map.commentBefore, first?.commentBefore), isWhole)
  if (first === undefined) return () => {}
  map.commentBefore = null
  first.commentBefore = own ?? null
  if (header !== undefined && own !== undefined) first.spaceBefore = true
  return () => {
    const now = keyOf(map)
    if (now === undefined) return
    now.spaceBefore = false
    if (header === undefined) return
    const space = now.commentBefore && !header.endsWith("\n") ? "\n" : ""
    now.commentBefore = joined(header + space, now.commentBefore) ?? null
  }
}

/** Up to the last blank line it is said of the whole document, and all of it where there is none. */
const parted = (said: Comment, isWhole: boolean): { readonly header: string | undefined; readonly own: Comment } => {
  if (said === null || said === undefined) return { header: undefined, own: undefined }
  if (!isWhole) return { header: undefined, own: said }
  const at = said.endsWith("\n") ? -1 : said.lastIndexOf("\n\n")
  return at < 0 ? { header: said, own: undefined } : { header: said.slice(0, at + 1), own: said.slice(at + 2) }
}

/** What is said of the first key of a list item stands above the dash, with what is said of the item. */
export const liftFirst = (map: YAMLMap) => (): void => {
  const first = keyOf(map)
  if (first === undefined) return
  first.spaceBefore = false
  map.commentBefore = joined(map.commentBefore, first.commentBefore) ?? null
  first.commentBefore = null
}

const keyOf = ({ items: [first] }: YAMLMap): Node | undefined => isNode(first?.key) ? first.key : undefined

/** Of several blank lines around comments one stays. */
export const squeeze = (said: { commentBefore?: string | null; comment?: string | null }): void => {
  if (said.commentBefore) said.commentBefore = squeezed(said.commentBefore)
  if (said.comment) said.comment = squeezed(said.comment)
}

const squeezed = (comment: string): string => comment.replaceAll(/\n{3,}/gu, "\n\n").replace(/\n+$/u, "\n")
