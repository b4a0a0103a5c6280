/** What the reports of a month must say, worked out from what was put and deleted, and from nothing of what writes them. */
import type { Synthetic } from "../adapters/store/mod.ts"

export interface Listed {
  /** As its bytes, one a character. */
  readonly key: string
  readonly versionId: string
  readonly isDeleteMarker: boolean
  readonly lastModified: number
  readonly etag: string
  readonly size: number
  readonly storageClass: string
  readonly tags: ReadonlyArray<readonly [key: string, value: string]>
  readonly isMultipart: boolean
}

/** Newest first. */
export type Objects = Map<string, ReadonlyArray<Listed>>

export const objectsOf = (synthetic: Synthetic): Objects => {
  const objects: Objects = new Map()
  for (let at = 0; at < synthetic.length; at++) {
    const versions = synthetic.at(at).map(({ tags, ...version }): Listed => ({
      ...version,
      tags: tags.map(({ key, value }) => [key, value] as const),
    }))
    objects.set(versions[0]!.key, versions)
  }
  return objects
}

export interface Asked {
  readonly id: string
  readonly versions: "All" | "Current"
  readonly fields: ReadonlyArray<string>
  readonly prefix: string
  readonly to: string
  readonly frequency?: "Daily" | "Weekly" | "Monthly"
  readonly date?: number
  readonly isEnabled?: boolean
  readonly isEncrypted?: boolean
  readonly filter?: {
    readonly prefix?: string
    readonly tag?: readonly [key: string, value: string]
    readonly storageClass?: string
    /** Seconds, both included. */
    readonly from?: number
    readonly until?: number
  }
}

export const xmlOf = ({ date, fields, filter, frequency, id, isEnabled, isEncrypted, prefix, to, versions }: Asked) => {
  const leaf = (name: string, value: string | number | undefined) =>
    value === undefined ? "" : `<${name}>${value}</${name}>`
  const tag = filter?.tag
  const period = `${leaf("StartTime", filter?.from)}${leaf("EndTime", filter?.until)}`
  return `<InventoryConfiguration>${leaf("Id", id)}${
    frequency === undefined ? "" : leaf("IsEnabled", String(isEnabled !== false))
  }` +
    `<Destination><COSBucketDestination><Format>CSV</Format>${leaf("Bucket", `qcs::cos:ap-guangzhou::${to}`)}` +
    `${leaf("Prefix", prefix)}${isEncrypted === true ? "<Encryption><SSE-COS></SSE-COS></Encryption>" : ""}` +
    `</COSBucketDestination></Destination>` +
    (frequency === undefined
      ? ""
      : `<Schedule>${leaf("Frequency", frequency)}${leaf("MonthlyDate", date)}</Schedule>`) +
    (filter === undefined
      ? ""
      : `<Filter><And>${leaf("Prefix", filter.prefix)}${
        tag === undefined ? "" : `<Tag>${leaf("Key", tag[0])}${leaf("Value", tag[1])}</Tag>`
      }${leaf("StorageClass", filter.storageClass)}</And>${
        period === "" ? "" : `<Period>${period}</Period>`
      }</Filter>`) +
    `${leaf("IncludedObjectVersions", versions)}` +
    `<OptionalFields>${fields.map((field) => leaf("Field", field)).join("")}</OptionalFields></InventoryConfiguration>`
}

export interface Expected {
  readonly rows: ReadonlyArray<Readonly<Record<string, string>>>
  /** Of what the prefix and the versions let through, before the other conditions. */
  readonly listed: { readonly count: number; readonly size: number }
  readonly size: number
}

export const expectedOf = (objects: Objects, asked: Asked): Expected => {
  const { fields, filter = {}, versions } = asked
  const { from = -Infinity, prefix = "", storageClass, tag, until = Infinity } = filter
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).toSorted()
  const all = keys.flatMap((key) => objects.get(key)!.map((version, nth) => ({ version, isLatest: nth === 0 })))
  const listed = versions === "All" ? all : all.filter(({ isLatest, version }) => isLatest && !version.isDeleteMarker)
  const rows = listed.filter(({ version }) => {
    const second = Math.floor(version.lastModified / 1000)
    return second >= from && second <= until &&
      (storageClass === undefined || version.storageClass === storageClass) &&
      (tag === undefined || version.tags.some(([key, value]) => key === tag[0] && value === tag[1]))
  })
  const sizeOf = (some: typeof rows) => some.reduce((sum, { version }) => sum + version.size, 0)
  return {
    rows: rows.map(({ isLatest, version }) => {
      const cells: Record<string, string> = { Appid: "1250000000", Bucket: "source", Key: encoded(version.key) }
      if (versions === "All") {
        cells["VersionId"] = version.versionId
        cells["IsLatest"] = isLatest ? "True" : "False"
        cells["IsDeleteMarker"] = version.isDeleteMarker ? "True" : "False"
      }
      for (const field of fields) cells[field] = cellOf(field, version)
      return cells
    }),
    listed: { count: listed.length, size: sizeOf(listed) },
    size: sizeOf(rows),
  }
}

const cellOf = (field: string, version: Listed): string => {
  if (field === "LastModifiedDate") return `${new Date(version.lastModified).toISOString().slice(0, 19)}.000Z`
  if (version.isDeleteMarker) return ""
  switch (field) {
    case "Size":
      return String(version.size)
    case "ETag":
      return version.etag
    case "StorageClass":
      return version.storageClass
    case "IsMultipartUploaded":
      return version.isMultipart ? "True" : "False"
    case "Tag":
      return version.tags.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join("&")
    default:
      throw new Error(`The model has no ${field}`)
  }
}

const encoded = (key: string): string =>
  key.replace(/[^A-Za-z0-9\-_.~]/gu, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`)

const hour = 60 * 60 * 1000
const zone = 8 * hour

/** Each due moment of each rule after one moment and up to another, by time and then by the age of the rule. */
export const duesOf = (
  rules: ReadonlyArray<Asked>,
  after: number,
  until: number,
): ReadonlyArray<readonly [due: number, id: string]> => {
  const dues: Array<readonly [number, string]> = []
  for (let at = Math.floor(after / hour) * hour; at <= until; at += hour) {
    if (at <= after) continue
    const local = new Date(at + zone)
    if (local.getUTCHours() !== 0) continue
    for (const { date, frequency, id, isEnabled } of rules) {
      const isDue = frequency === "Daily" || (frequency === "Weekly" && local.getUTCDay() === 1) ||
        (frequency === "Monthly" && local.getUTCDate() === date)
      if (isDue && isEnabled !== false) dues.push([at, id])
    }
  }
  return dues
}

/** `20260301`, where it was that day. */
export const dayOf = (moment: number): string => new Date(moment + zone).toISOString().slice(0, 10).replaceAll("-", "")
