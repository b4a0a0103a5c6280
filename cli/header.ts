/** What stands above a rules document that a program wrote. */
import { oneLine } from "../core/redact.ts"
import type { BucketRef } from "../core/bucket.ts"

/** By which an editor checks and completes the file as it is typed. */
export const schemaHint = "# yaml-language-server: $schema=./rules.schema.json"

/** Comment lines in YAML. The document owns no ids, and how it comes to is said here. */
export const headerOf = ({ bucket, region }: BucketRef, origin: string): string =>
  [
    `# Inventory rules of ${oneLine(bucket)}${region === undefined ? "" : ` (${oneLine(region)})`}, ${origin}.`,
    "# No id is owned, so that apply --prune deletes nothing. To own ids, add a line such as",
    '# manages: ["daily-*"]',
    "",
  ].join("\n")
