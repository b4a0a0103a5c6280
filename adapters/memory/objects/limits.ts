/** Every number and enumeration of objects, with its source: "page N" is tencentcloud.com/document/product/436/N. */

/** Page 13324. */
export const maxKeyBytes = 850
/** Page 7749: a larger object is uploaded in parts; pages 7750 and 10881 have the same for a part and for a copy. */
export const maxBodyBytes = 5 * 1024 ** 3
/** Page 7750: a part has at least 1 MB, but for the last one. Page 7742 names the code until 2023; page 7730 still does. */
export const minPartBytes = 1024 * 1024
/** Page 7750. */
export const maxPartNumber = 10_000
/** Page 7747. */
export const partsPerPage = 1000
/** Page 7749: custom headers together. */
export const maxMetaBytes = 2048
/** Page 7749: bits a second. */
export const trafficLimit = { min: 819_200, max: 838_860_800 }
/** Page 35709. */
export const maxTags = 10
export const maxTagKeyCharacters = 128
export const maxTagValueCharacters = 256
/** Page 35665: letters of any script, digits, spaces and `+ - = . _ : / @`. */
export const tagText = /^[\p{L}\p{M}\p{N} +\-=._:/@]*$/u

/** Page 33417, with `COLD` and `MAZ_COLD` of coscli (`util/const.go`). */
export const storageClasses: ReadonlySet<string> = new Set([
  "STANDARD",
  "STANDARD_IA",
  "INTELLIGENT_TIERING",
  "COLD",
  "ARCHIVE",
  "DEEP_ARCHIVE",
  "MAZ_STANDARD",
  "MAZ_STANDARD_IA",
  "MAZ_INTELLIGENT_TIERING",
  "MAZ_COLD",
])
/** What an object has that names none (page 7749); GET and HEAD do not show it (page 43887). */
export const standardClass = "STANDARD"
/** Page 7753: an archived object is read after it was restored. */
export const isArchived = (storageClass: string): boolean => storageClass.endsWith("ARCHIVE")
