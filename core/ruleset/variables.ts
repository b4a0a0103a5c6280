/** Variables of a rules document: what of a rule follows from the bucket it belongs to. */
import { parseBucket } from "../bucket.ts"
import type { Finding } from "../lint/finding.ts"
import { nearest } from "../lint/nearest.ts"
import type { Reading } from "../wire/reading.ts"

/** `${bucket}` is the full name; `${name}` and `${appid}` are its parts. */
export const variableNames = ["bucket", "name", "appid", "region"] as const
export type Variables = Readonly<Partial<Record<(typeof variableNames)[number], string>>>

export const variablesOf = (bucket: string, region: string | undefined): Variables => {
  const parts = parseBucket(bucket)
  return { bucket, ...parts, ...(region === undefined ? {} : { region }) }
}

/** Replaces variables in the id, the prefix of the filter, and the destination; `$${` stands for `${` itself. */
export const substituted = (reading: Reading, variables: Variables): Reading => {
  const { id, filter, destination } = reading.draft
  const texts: ReadonlyArray<readonly [path: string, text: string | undefined]> = [
    ["id", id],
    ["filter.prefix", filter?.prefix],
    ["destination.bucket", destination?.bucket],
    ["destination.accountId", destination?.accountId],
    ["destination.prefix", destination?.prefix],
  ]
  if (!texts.some(([, text]) => text?.includes("${"))) return reading
  const findings: Array<Finding> = []
  const replaced = new Map(
    texts.map(([path, text]) => [path, text === undefined ? undefined : filled(text, path, variables, findings)]),
  )
  const set = (path: string, key: string) => replaced.get(path) === undefined ? {} : { [key]: replaced.get(path) }
  return {
    ...reading,
    findings: [...reading.findings, ...findings],
    draft: {
      ...reading.draft,
      ...set("id", "id"),
      ...(filter === undefined ? {} : { filter: { ...filter, ...set("filter.prefix", "prefix") } }),
      ...(destination === undefined ? {} : {
        destination: {
          ...destination,
          ...set("destination.bucket", "bucket"),
          ...set("destination.accountId", "accountId"),
          ...set("destination.prefix", "prefix"),
        },
      }),
    },
  }
}

/** Text with its variables replaced; unknown ones stay, with a finding. */
export const filled = (text: string, path: string, variables: Variables, findings: Array<Finding>): string =>
  text.replace(/\$\$\{|\$\{([^}]*)\}?/gu, (written, name: string | undefined) => {
    if (name === undefined) return "${"
    const value = Object.hasOwn(variables, name) ? variables[name as keyof Variables] : undefined
    if (value !== undefined) return value
    const near = nearest(name, variableNames)
    const isKnown = (variableNames as ReadonlyArray<string>).includes(name)
    findings.push({
      code: "variable-unknown",
      severity: "error",
      path,
      message: isKnown ? "The variable has no value here" : "The variable is unknown",
      found: written,
      allowed: variableNames.map((known) => `\${${known}}`).join(", "),
      fix: isKnown
        ? "Name the bucket with its region, as <name>-<appid>@<region>"
        : near === undefined
        ? `Correct it, or write $${written} for the text itself`
        : `Did you mean "\${${near}}"?`,
      source: "the rules file in the README",
    })
    return written
  })

/** Text in which nothing is a variable. */
export const escaped = (text: string): string => text.replaceAll("${", "$${")
