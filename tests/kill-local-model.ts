/**
 * What a killed local COS must hold: what was acknowledged, and for each writer the one request that was under way, which
 * was done or was not.
 */
import { strict as assert } from "node:assert"
import { createHash } from "node:crypto"
import { type Answer, names, type Server } from "./kill-local-server.ts"

/** Bodies are pieces of it, so that making one costs nothing. */
const noise = Buffer.alloc(4 * 1024 * 1024)
for (let at = 0, word = 88172645; at < noise.length; at += 4) {
  word ^= word << 13
  word ^= word >>> 17
  word ^= word << 5
  noise.writeInt32LE(word, at)
}

export interface Bytes {
  readonly at: number
  readonly size: number
}
export const bytesOf = ({ at, size }: Bytes): Buffer => noise.subarray(at, at + size)
export const md5 = (bytes: Uint8Array): string => createHash("md5").update(bytes).digest("hex")

/** At the edges of what is a row, a file, and read whole. */
const sizes = [0, 100, 65536, 65537, 300000, 1100000]
export const body = (random: (limit: number) => number): Bytes => ({ at: random(2500000), size: sizes[random(6)]! })
/** A part that others follow has a megabyte at least (page 7750). */
export const part = (random: (limit: number) => number, isLast: boolean): Bytes => ({
  at: random(2500000),
  size: isLast ? 70 : 1048576 + random(3) * 1000,
})

/** Bodies longer than this are files. */
const rowBytes = 65536

/** Newest first. The body of a delete marker is none; the id of a version whose answer never came is not known. */
export interface Kept {
  readonly id: string | undefined
  readonly bodies: ReadonlyArray<Bytes> | undefined
}

interface Begun {
  readonly key: string
  readonly parts: ReadonlyMap<number, Bytes>
}

/** Of one writer, who works in a bucket of its own kind under keys of its own. */
export interface State {
  readonly versions: ReadonlyMap<string, ReadonlyArray<Kept>>
  readonly uploads: ReadonlyMap<string, Begun>
  readonly rules: ReadonlyMap<string, string>
  readonly jobs: ReadonlySet<string>
}
export const nothing: State = { versions: new Map(), uploads: new Map(), rules: new Map(), jobs: new Set() }

/** The state after a request, as its answer tells it; an answer that never came tells nothing. */
export interface Step {
  readonly send: (server: Server) => Promise<Answer>
  readonly status: number
  readonly after: (answer: Answer | undefined) => State
}

const set = <A>(map: ReadonlyMap<string, A>, key: string, value: A | undefined): ReadonlyMap<string, A> => {
  const next = new Map(map)
  next.delete(key)
  return value === undefined ? next : next.set(key, value)
}

const idIn = (answer: Answer | undefined): string | undefined => {
  const id = answer?.headers["x-cos-version-id"]
  return typeof id === "string" ? id : undefined
}

export interface Writer {
  readonly name: string
  readonly bucket: string
  readonly isVersioned: boolean
  state: State
  under: Step | undefined
  readonly random: (limit: number) => number
  turn: number
}

/** What a writer does next. */
export const stepOf = (writer: Writer): Step => {
  const { bucket, isVersioned, name, random, state } = writer
  const key = `${name}/${random(4)}`
  const kept = state.versions.get(key) ?? []
  writer.turn++
  const put = (made: ReadonlyArray<Bytes>, id: string | undefined): State => ({
    ...state,
    versions: set(
      state.versions,
      key,
      isVersioned ? [{ id, bodies: made }, ...kept] : [{ id: "", bodies: made }],
    ),
  })
  const [upload] = state.uploads
  const kind = kept.length > 4 ? 5 : random(11)
  if (kind === 5 || kind === 4) {
    const chosen = kept[random(kept.length)]
    if (isVersioned && chosen?.id !== undefined && (kind === 5 || random(3) > 0)) {
      return {
        send: ({ ask }) => ask("DELETE", `/${key}?versionId=${encodeURIComponent(chosen.id!)}`, { bucket }),
        status: 204,
        after: () => {
          const rest = kept.filter((other) => other !== chosen)
          return { ...state, versions: set(state.versions, key, rest.length === 0 ? undefined : rest) }
        },
      }
    }
    return {
      send: ({ ask }) => ask("DELETE", `/${key}`, { bucket }),
      status: 204,
      after: (answer) => ({
        ...state,
        versions: set(
          state.versions,
          key,
          isVersioned ? [{ id: idIn(answer), bodies: undefined }, ...kept] : undefined,
        ),
      }),
    }
  }
  if (kind === 6 || kind === 7 || (kind === 8 && upload === undefined)) {
    if (upload === undefined) {
      return {
        send: ({ ask }) => ask("POST", `/${key}?uploads`, { bucket }),
        status: 200,
        after: (answer) => ({
          ...state,
          uploads: set(state.uploads, answer === undefined ? unknown : element(answer.text, "UploadId"), {
            key,
            parts: new Map(),
          }),
        }),
      }
    }
    const [id, { key: target, parts }] = upload
    // They have to be consecutive when they are put together, and may be replaced before
    const number = 1 + random(Math.min(parts.size + 1, 3))
    const made = part(random, number === 3)
    return {
      send: ({ ask }) =>
        ask("PUT", `/${target}?partNumber=${number}&uploadId=${id}`, {
          bucket,
          body: bytesOf(made),
          ...(random(2) === 0 ? { pieces: 100000 } : {}),
        }),
      status: 200,
      after: () => ({
        ...state,
        uploads: set(state.uploads, id, { key: target, parts: new Map(parts).set(number, made) }),
      }),
    }
  }
  if (kind === 8 && upload !== undefined) {
    const [id, { key: target, parts }] = upload
    const numbers = [...parts.keys()].toSorted()
    const gone = { ...state, uploads: set(state.uploads, id, undefined) }
    if (numbers.length === 0 || random(4) === 0) {
      return {
        send: ({ ask }) => ask("DELETE", `/${target}?uploadId=${id}`, { bucket }),
        status: 204,
        after: () => gone,
      }
    }
    const list = numbers.map((number) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>"${md5(bytesOf(parts.get(number)!))}"</ETag></Part>`
    )
    const bodies = numbers.map((number) => parts.get(number)!)
    const before = state.versions.get(target) ?? []
    return {
      send: ({ ask }) =>
        ask("POST", `/${target}?uploadId=${id}`, {
          bucket,
          body: `<CompleteMultipartUpload>${list.join("")}</CompleteMultipartUpload>`,
        }),
      status: 200,
      after: (answer) => ({
        ...gone,
        versions: set(
          state.versions,
          target,
          isVersioned ? [{ id: idIn(answer), bodies }, ...before] : [{ id: "", bodies }],
        ),
      }),
    }
  }
  if (kind === 9) {
    const id = `${name}-${random(5)}`
    if (state.rules.has(id) && random(2) === 0) {
      return {
        send: ({ ask }) => ask("DELETE", `/?inventory&id=${id}`, { bucket: names.plain }),
        status: 204,
        after: () => ({ ...state, rules: set(state.rules, id, undefined) }),
      }
    }
    const prefix = `turn${writer.turn}`
    return {
      send: ({ ask }) =>
        ask("PUT", `/?inventory&id=${id}`, { bucket: names.plain, body: ruleXml({ id, prefix, isEnabled: false }) }),
      status: 200,
      after: () => ({ ...state, rules: set(state.rules, id, prefix) }),
    }
  }
  if (kind === 10 && random(3) === 0) {
    const id = `${name}-job-${writer.turn}`
    return {
      send: ({ ask }) =>
        ask("POST", `/?inventory&id=${id}`, { bucket: names.source, body: jobXml(id, `jobs-${name}`) }),
      status: 200,
      after: () => ({ ...state, jobs: new Set([...state.jobs, id]) }),
    }
  }
  const made = body(random)
  const isChunked = random(2) === 0
  return {
    send: ({ ask }) =>
      ask("PUT", `/${key}`, { bucket, body: bytesOf(made), ...(isChunked ? { pieces: 1 + random(200000) } : {}) }),
    status: 200,
    after: (answer) => put([made], idIn(answer)),
  }
}

/** Stands for the id of an upload whose answer never came. */
const unknown = "unknown"

const where = (prefix: string, to: string = names.reports) =>
  "<Destination><COSBucketDestination><Format>CSV</Format>" +
  `<Bucket>qcs::cos:ap-guangzhou::${to}</Bucket><Prefix>${prefix}</Prefix></COSBucketDestination></Destination>`
const fields = "<OptionalFields><Field>Size</Field><Field>ETag</Field></OptionalFields>"

export interface RuleText {
  readonly id: string
  readonly prefix: string
  readonly isEnabled: boolean
  readonly frequency?: string
  readonly versions?: string
  readonly to?: string
}
export const ruleXml = ({ id, isEnabled, prefix, to, frequency = "Daily", versions = "Current" }: RuleText): string =>
  `<InventoryConfiguration><Id>${id}</Id><IsEnabled>${isEnabled}</IsEnabled>${where(prefix, to)}` +
  `<Schedule><Frequency>${frequency}</Frequency></Schedule>` +
  `<IncludedObjectVersions>${versions}</IncludedObjectVersions>${fields}</InventoryConfiguration>`
const jobXml = (id: string, prefix: string): string =>
  `<InventoryConfiguration><Id>${id}</Id>${where(prefix)}` +
  `<IncludedObjectVersions>Current</IncludedObjectVersions>${fields}</InventoryConfiguration>`

export const element = (xml: string, name: string): string => elements(xml, name)[0] ?? ""
export const elements = (xml: string, name: string): ReadonlyArray<string> =>
  Array.from(xml.matchAll(new RegExp(`<${name}>([^]*?)</${name}>`, "gu")), ([, inside]) => inside!)

/** All that a server tells of a writer, in the words of the model. */
export interface Told {
  readonly versions: ReadonlyArray<readonly [key: string, id: string, body: string]>
  readonly uploads: ReadonlyArray<readonly [id: string, key: string, parts: string]>
  readonly rules: ReadonlyArray<readonly [id: string, prefix: string]>
  readonly jobs: ReadonlyArray<string>
}

/** What a server should tell. A body is its parts' digests, as an ETag has them, and its size. */
export const toldOf = ({ jobs, rules, uploads, versions }: State): Told => ({
  versions: [...versions].toSorted(byFirst).flatMap(([key, kept]) =>
    kept.map(({ bodies, id }) => [key, id ?? "", bodies === undefined ? "marker" : digest(bodies)] as const)
  ),
  uploads: [...uploads].map(([id, { key, parts }]) =>
    [
      id,
      key,
      [...parts].toSorted(([a], [b]) => a - b).map(([number, bytes]) => `${number} ${md5(bytesOf(bytes))}`).join(),
    ] as const
  ),
  rules: [...rules].toSorted(byFirst),
  jobs: [...jobs].toSorted(),
})
export const byFirst = (
  [a]: readonly [string, ...ReadonlyArray<unknown>],
  [b]: readonly [string, ...ReadonlyArray<unknown>],
): number => a < b ? -1 : a > b ? 1 : 0

/** Of what was read or is to be read. */
const digest = (bodies: ReadonlyArray<Bytes>): string => md5(Buffer.concat(bodies.map(bytesOf)))

/** Takes over what the answer that never came would have told, where the request was done. */
export const adopted = (state: State, told: Told): State => ({
  ...state,
  versions: new Map([...state.versions].map(([key, kept]) => {
    const ids = told.versions.filter(([other]) => other === key).map(([, id]) => id)
    return [key, kept.map((each, nth) => ({ ...each, id: each.id ?? ids[nth] }))]
  })),
  uploads: new Map([...state.uploads].map(([id, begun]) => [
    id === unknown ? told.uploads.find(([, key]) => key === begun.key)?.[0] ?? id : id,
    begun,
  ])),
})

/** Bytes that the bodies of a state take, and how many of them are files. */
export const room = ({ uploads, versions }: State): { readonly bytes: number; readonly files: number } => {
  const bodies = [
    ...[...versions.values()].flat().flatMap(({ bodies = [] }) => bodies),
    ...[...uploads.values()].flatMap(({ parts }) => [...parts.values()]),
  ]
  return roomOf(bodies.map(({ size }) => size))
}
export const roomOf = (sizes: ReadonlyArray<number>) => ({
  bytes: sizes.reduce((sum, size) => sum + size, 0),
  files: sizes.filter((size) => size > rowBytes).length,
})

export const assertStatus = (answer: Answer, status: number): Answer => {
  assert.equal(answer.status, status, answer.text)
  return answer
}
