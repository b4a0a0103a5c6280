/** Rules documents for files of a folder. */

/** A rules document; JSON is YAML, too. */
export const document = (
  buckets: ReadonlyArray<string>,
  rules: ReadonlyArray<Record<string, unknown>>,
  over: Record<string, unknown> = {},
): string =>
  JSON.stringify({
    ...(buckets.length === 0 ? {} : { buckets: buckets.map((name) => `${name}@ap-guangzhou`) }),
    defaults: {
      schedule: { frequency: "Weekly" },
      filter: { prefix: "logs/" },
      destination: { bucket: "inventorybucket-1250000000", prefix: "reports", format: "CSV" },
    },
    rules,
    ...over,
  })
