/** Variables of a rules document: what of a rule follows from the bucket it belongs to. */
import { parseBucket } from "../bucket.ts"
import { type Finding, shown } from "../lint/finding.ts"
import { nearest } from "../lint/nearest.ts"
import type { Reading } from "../wire/reading.ts"
import { rulesFileSource } from "./problem.ts"

/** `${bucket}` is the full name; `${name}` and `${appid}` are its parts. */
export const variableNames = ["bucket", "name", "appid", "region"] as const
export type Variables = Readonly<Partial<Record<(typeof variableNames)[number], string>>>

export const variablesOf = (bucket: string, region: string | undefined): Variables => {
  const parts = parseBucket(bucket)
  return { bucket, ...parts, ...(region === undefined ? {} : { region }) }
}

/** The texts of a rule in which variables are replaced. */
const textsIn = ({ draft: { id, filter, destination } }: Reading) =>
  [
    ["id", id],
    ["filter.prefix", filter?.prefix],
    ["destination.bucket", destination?.bucket],
    ["destination.accountId", destination?.accountId],
    ["destination.prefix", destination?.prefix],
  ] as const

/** Whether anything of a rule may depend on its bucket's name. */
export const hasVariables = (reading: Reading): boolean => textsIn(reading).some(([, text]) => text?.includes("${"))

/** Replaces variables in the id, the prefix of the filter, and the destination; `$${` stands for `${` itself. */
export const substituted = (reading: Reading, variables: Variables): Reading => {
  if (!hasVariables(reading)) return reading
  const { filter, destination } = reading.draft
  const findings: Array<Finding> = []
  const replaced = new Map<string, string | undefined>(
    textsIn(reading).map((
      [path, text],
    ) => [path, text === undefined ? undefined : filled(text, path, variables, findings)]),
  )
  const set = (path: string, key: string) => replaced.get(path) === undefined ? {} : { [key]: replaced.get(path) }
  return {
    ...reading,
    findings: [...reading.findings, ...findings],
    // What else is wrong with such a text is the fault of its variable
    unread: findings.length === 0 ? reading.unread : new Set([...reading.unread, ...findings.map(({ path }) => path)]),
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

/** Text with its variables replaced; those without a value stay, with a finding that is the same for every bucket. */
export const filled = (text: string, path: string, variables: Variables, findings: Array<Finding>): string =>
  text.replace(pattern, (written: string, name: string | undefined, close: string | undefined) => {
    if (name === undefined) return "${"
    const value = close === "}" && Object.hasOwn(variables, name) ? variables[name as keyof Variables] : undefined
    if (value === undefined) {
      findings.push({ ...(slipOf(written, name, close) ?? { ...noValue, found: shown(written) }), path })
    }
    return value ?? written
  })

/** What is wrong with the variables of a text, whatever the bucket. */
export const variableFindings = (text: string, path: string): ReadonlyArray<Finding> =>
  Array.from(text.matchAll(pattern)).flatMap(([written, name, close]) => {
    const slip = name === undefined ? undefined : slipOf(written, name, close)
    return slip === undefined ? [] : [{ ...slip, path }]
  })

/** `$${`, or `${`, a name, and the bracket that closes it. */
const pattern = /\$\$\{|\$\{([^${}]*)(\}?)/gu

const slipOf = (written: string, name: string, close: string | undefined): Finding | undefined => {
  if (close !== "}") {
    return {
      ...unknown,
      message: "The variable is not closed",
      found: shown(written),
      fix: `Close it with }, or write $${shown(written)} for the text itself`,
    }
  }
  if ((variableNames as ReadonlyArray<string>).includes(name)) return undefined
  const near = nearest(name, variableNames)
  return {
    ...unknown,
    found: shown(written),
    fix: near === undefined
      ? `Correct it, or write $${shown(written)} for the text itself`
      : `Did you mean "\${${near}}"?`,
  }
}

const unknown: Finding = {
  code: "variable-unknown",
  severity: "error",
  path: "",
  message: "The variable is unknown",
  allowed: variableNames.map((known) => `\${${known}}`).join(", "),
  fix: "Correct it",
  source: rulesFileSource,
}

const noValue: Finding = {
  ...unknown,
  code: "variable-empty",
  message: "The variable has no value here",
  fix: "Name the bucket with its region, as <name>-<appid>@<region>, or give --region",
}

/** Text in which nothing is a variable. */
export const escaped = (text: string): string => text.replaceAll("${", () => "$${")
