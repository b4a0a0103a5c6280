/** What the local COS assumes of the making of reports; how they are written is `core/report`. */
import { standardClass } from "../objects/mod.ts"

/** Assumed: a data file has at most so many rows. */
export const rowsPerFile = 500_000

/**
 * Assumed: a report that lists nothing is delivered, as a manifest that names no data file. Of OSS the documentation says
 * that it delivers none; of COS nobody says either.
 */
export const deliversEmpty: boolean = true

/** Assumed: the class of what a report is written as, whatever the destination holds. */
export const reportClass = standardClass

/** Assumed: the Content-Type of each file. */
export const contentTypes = {
  data: "application/gzip",
  manifest: "application/json",
  checksum: "text/plain",
} as const

/** The format that the local COS writes (page 30625 allows no other). */
export const writtenFormat = "CSV"

/** Assumed: the permission that delivery needs in the destination bucket (page 30622 wants it of sub-accounts). */
export const deliveryAction = "PutObject"

/** Reports that fell due while the program did not run: of each rule the last is made, and the others say this. */
export const missed =
  "Cannot make the report: the local COS was not running when it fell due, and a later one replaces it"
