/** For every row of lint: documents that it speaks of, and documents near them that it is silent about. */
import { bucket, document, job, now, region, rule } from "./lint-world.ts"

type Documents = ReadonlyArray<object>

export interface Case {
  readonly fires: ReadonlyArray<Documents>
  readonly silent: ReadonlyArray<Documents>
}

const one = (change: object): Documents => [document([{ ...rule, ...change }])]
const filter = (filter: object): Documents => one({ filter, optionalFields: ["Size", "Tag"] })
const to = (change: object): Documents => one({ destination: { ...rule.destination, ...change } })
const jobs = (change: object): Documents => [[{ ...job, ...change }]]
const own = { destination: { ...rule.destination, bucket } }
const both = (a: object, b: object): Documents => [document([{ ...rule, ...a }, { ...rule, id: "other", ...b }])]
const many = (count: number): Documents => [
  document(Array.from({ length: count }, (_, i) => ({ ...rule, id: `r${i}`, filter: { prefix: `${i}/` } }))),
]
const elsewhere = (name: string, rules: Documents, rest: object = {}) => document(rules, { buckets: [name], ...rest })

export const cases: Readonly<Record<string, Case>> = {
  // Validation; its rows have their own tests too
  "id-characters": { fires: [one({ id: "a b" })], silent: [one({ id: "A-z_0.9" })] },
  "versions-known": {
    fires: [one({ includedObjectVersions: "No" })],
    silent: [one({ includedObjectVersions: "All" }), one({})],
  },
  "frequency-known": { fires: [one({ schedule: { frequency: "Hourly" } })], silent: [one({})] },
  "monthly-date": {
    fires: [
      one({ schedule: { frequency: "Monthly", monthlyDate: 31 } }),
      one({ schedule: { frequency: "Daily", monthlyDate: 1 } }),
    ],
    silent: [one({ schedule: { frequency: "Monthly", monthlyDate: 28 } })],
  },
  "field-known": {
    fires: [one({ optionalFields: ["Weight"] })],
    silent: [one({ optionalFields: ["x-cos-meta-weight"] })],
  },
  "field-repeated": {
    fires: [one({ optionalFields: ["Size", "Size"] })],
    silent: [one({ optionalFields: ["Size", "ETag"] })],
  },
  "job-members": { fires: [], silent: [jobs({}), one({})] },
  "filter-empty": { fires: [filter({}), filter({ prefix: "" })], silent: [filter({ prefix: "a" })] },
  "tag-key": {
    fires: [filter({ tags: [{ key: "", value: "1" }] })],
    silent: [filter({ tags: [{ key: "a", value: "" }] })],
  },
  "tag-repeated": {
    fires: [filter({ tags: [{ key: "a", value: "1" }, { key: "a", value: "2" }] })],
    silent: [filter({ tags: [{ key: "a", value: "1" }, { key: "A", value: "1" }] })],
  },
  "tag-needs-field": {
    fires: [one({ filter: { tags: [{ key: "a", value: "1" }] } })],
    silent: [filter({ tags: [{ key: "a", value: "1" }] }), filter({ prefix: "a" })],
  },
  "time-range": {
    fires: [filter({ period: { startTime: now * 1000 } })],
    silent: [filter({ period: { startTime: now } })],
  },
  "period-order": {
    fires: [filter({ period: { startTime: now, endTime: now } })],
    silent: [filter({ period: { startTime: now - 1, endTime: now } })],
  },
  "destination-bucket": { fires: [to({ bucket: "inventorybucket" })], silent: [one({})] },
  "destination-region": {
    fires: [to({ bucket: "qcs::cos:ap-beijing::inventorybucket-1250000000" })],
    silent: [to({ bucket: "qcs::cos:ap-guangzhou::inventorybucket-1250000000" })],
  },
  "account-id": { fires: [to({ accountId: "me" })], silent: [to({ accountId: "100000000001" })] },
  "format-known": { fires: [to({ format: "ORC" })], silent: [one({})] },
  "text-characters": { fires: [filter({ prefix: "a\0" })], silent: [filter({ prefix: "腾讯云" })] },
  "word-form": {
    fires: [filter({ storageClass: "STANDARD IA" })],
    silent: [filter({ storageClass: "STANDARD_IA" })],
  },
  "text-lines": { fires: [filter({ prefix: "a\nb" })], silent: [filter({ prefix: "a b" })] },
  "unknown-element": {
    fires: [one({ extra: [{ in: "/", xml: "<Filtr/>" }] })],
    silent: [one({ extra: [{ in: "/", xml: "<Later/>" }] })],
  },
  "unknown-element-kept": { fires: [one({ extra: [{ in: "/", xml: "<Later/>" }] })], silent: [one({})] },
  "extra-form": {
    fires: [one({ extra: [{ in: "/", xml: "<a/><b/>" }] })],
    silent: [one({ extra: [{ in: "/", xml: "<Later/>" }] })],
  },

  // Advice about one rule
  "rule-disabled": {
    fires: [one({ isEnabled: false }), [document([rule], { defaults: { isEnabled: false } })]],
    silent: [one({ isEnabled: true }), one({}), jobs({})],
  },
  "fields-none": {
    fires: [one({ optionalFields: undefined }), one({ optionalFields: [] }), jobs({ optionalFields: undefined })],
    silent: [one({}), one({ optionalFields: [1] }), one({ optionalFields: "Size" })],
  },
  "period-future": {
    fires: [filter({ period: { startTime: now + 1 } }), jobs({ filter: { period: { startTime: now + 1 } } })],
    silent: [
      filter({ period: { startTime: now } }),
      filter({ period: { endTime: now + 1 } }),
      filter({ period: { startTime: now + 2, endTime: now + 1 } }),
    ],
  },
  "time-early": {
    fires: [
      filter({ period: { startTime: 20240101 } }),
      filter({ period: { endTime: 1568688 } }),
      filter({ period: { startTime: 0, endTime: 1 } }),
    ],
    silent: [filter({ period: { startTime: 0 } }), filter({ period: { startTime: 1568688761, endTime: 1568688762 } })],
  },
  "prefix-star": {
    fires: [filter({ prefix: "logs/*" }), filter({ prefix: "*" })],
    silent: [filter({ prefix: "logs/" }), filter({ prefix: "a*b" })],
  },
  "prefix-start": {
    fires: [filter({ prefix: "/logs" }), filter({ prefix: "\\" }), to({ prefix: "/inventory" })],
    silent: [filter({ prefix: "logs//" }), to({ prefix: "a/b" })],
  },
  "variable-literal": {
    fires: [
      filter({ tags: [{ key: "${name}", value: "" }] }),
      filter({ tags: [{ key: "a", value: "${bucket}" }] }),
      filter({ storageClass: "${region}" }),
    ],
    silent: [
      filter({ prefix: "${name}/" }),
      filter({ tags: [{ key: "a", value: "$name" }, { key: "b", value: "{name}" }] }),
    ],
  },
  "destination-prefix-slash": {
    fires: [
      to({ prefix: "inventory/" }),
      to({ prefix: "/" }),
      to({ bucket: "cos://inventorybucket-1250000000/a/", prefix: undefined }),
    ],
    silent: [to({ prefix: "a/b" }), to({ prefix: undefined })],
  },
  "report-lists-itself": {
    fires: [
      one({ ...own, filter: undefined }),
      one({ ...own, filter: { prefix: "inven" } }),
      one({ ...own, filter: { prefix: "inventory/1250000000/examplebucket/daily/" } }),
      one({ ...own, filter: { prefix: "inventory/1250000000/examplebucket/daily/2022" } }),
      one({ ...own, filter: { period: { startTime: now - 1 } } }),
      one({ ...own, filter: { period: { endTime: now + 1 } } }),
      one({ ...own, destination: { ...own.destination, bucket: "${bucket}" }, filter: undefined }),
    ],
    silent: [
      one({ ...own }),
      one({ ...own, filter: { prefix: "inventory/1250000000/other" } }),
      one({ ...own, filter: { tags: [{ key: "a", value: "1" }] }, optionalFields: ["Tag"] }),
      one({ ...own, filter: { period: { endTime: now } } }),
      one({ filter: undefined }),
      one({ ...own, filter: undefined, isEnabled: false }),
      jobs({ destination: { ...job.destination, bucket: `qcs::cos:${region}::${bucket}` } }),
    ],
  },
  "account-id-appid": {
    fires: [to({ accountId: "1250000000" }), to({ accountId: "1300000000" })],
    silent: [to({ accountId: "100000000001" }), to({}), to({ accountId: "me" })],
  },
  "finance-region": {
    fires: [
      [elsewhere("bank-1250000000@ap-shanghai-fsi", [rule])],
      to({ bucket: "qcs::cos:ap-beijing-fsi::bank-1250000000" }),
    ],
    silent: [one({}), [elsewhere("fsi-1250000000@ap-beijing", [rule])]],
  },

  // Rules of one bucket
  "id-repeated": {
    fires: [[document([rule, rule])], [document([rule]), document([rule])], [[job, job]]],
    silent: [
      both({}, {}),
      [document([rule]), elsewhere("other-1250000000@ap-guangzhou", [rule])],
      [document([{ ...rule, id: "a-${name}" }, { ...rule, id: "b-${name}" }])],
    ],
  },
  "job-id-periodic": {
    fires: [[document([rule]), [{ ...job, id: "daily" }]]],
    silent: [[document([rule]), [job]], [[job, job]]],
  },
  "protect-disabled": {
    fires: [
      one({ protect: true, isEnabled: false }),
      [document([rule], { defaults: { protect: true, isEnabled: false } })],
    ],
    silent: [one({ protect: true }), one({ isEnabled: false }), one({ protect: false, isEnabled: false })],
  },
  "manages-overlap": {
    fires: [
      [document([], { manages: ["daily-*"] }), document([], { manages: ["weekly-*", "d*x"] })],
      [document([], { manages: ["${name}-*"] }), document([], { manages: ["example*"] })],
    ],
    silent: [
      [document([], { manages: ["daily-*", "d*"] })],
      [document([], { manages: ["daily-*"] }), document([], { manages: ["weekly-*"] })],
      [
        document([], { manages: ["daily-*"] }),
        elsewhere("other-1250000000@ap-guangzhou", [], { manages: ["daily-*"] }),
      ],
    ],
  },
  "id-unmanaged": {
    fires: [[document([rule], { manages: ["weekly-*"] })]],
    silent: [
      [document([rule], { manages: ["weekly-*", "d?ily"] })],
      [document([rule]), document([], { manages: ["weekly-*"] })],
      one({}),
    ],
  },
  "protected-managed": {
    fires: [[document([{ ...rule, protect: true }]), document([], { manages: ["d*"] })]],
    silent: [
      [document([{ ...rule, protect: true }], { manages: ["d*"] })],
      [document([rule]), document([], { manages: ["d*"] })],
      [document([{ ...rule, protect: true }]), document([], { manages: ["w*"] })],
    ],
  },
  "rules-full": { fires: [many(1001)], silent: [many(1000)] },
  "rules-many": { fires: [many(900), many(1000)], silent: [many(899), many(1001)] },
  "scanned-twice": {
    fires: [
      both({}, {}),
      both({ filter: undefined }, {}),
      both({}, { filter: { prefix: "logs/2022" } }),
      both({ filter: { prefix: "logs/2022" } }, {}),
      both({ includedObjectVersions: "All" }, {}),
      both({}, { filter: { prefix: "logs/", tags: [{ key: "a", value: "1" }] }, optionalFields: ["Tag"] }),
      both({}, { filter: { prefix: "logs/", period: { startTime: now - 1 } } }),
      both({}, { filter: { prefix: "logs/", storageClass: "STANDARD" } }),
      both(
        { filter: { prefix: "logs/", storageClass: "" } },
        { filter: { prefix: "logs/", storageClass: "STANDARD" } },
      ),
      both({ extra: [{ in: "/", xml: "<Later>1</Later>" }] }, {}),
      both(
        { schedule: { frequency: "Monthly", monthlyDate: 3 } },
        { schedule: { frequency: "Monthly", monthlyDate: 3 } },
      ),
    ],
    silent: [
      [document([rule, rule])],
      both({}, { filter: { prefix: "log/" } }),
      both({}, { isEnabled: false }),
      both({}, { schedule: { frequency: "Weekly" } }),
      both(
        { schedule: { frequency: "Monthly", monthlyDate: 3 } },
        { schedule: { frequency: "Monthly", monthlyDate: 4 } },
      ),
      both({ includedObjectVersions: "All" }, { filter: undefined }),
      both(
        { filter: { prefix: "logs/", storageClass: "STANDARD" } },
        { filter: { prefix: "logs/", storageClass: "ARCHIVE" } },
      ),
      both(
        { filter: { prefix: "logs/", period: { startTime: 1568688761 } } },
        { filter: { prefix: "logs/", period: { endTime: 1568688762 } } },
      ),
      both({ filter: { prefix: 1 } }, {}),
      both({ extra: [{ in: "/Filter", xml: "<Size>1</Size>" }] }, {}),
      [document([rule]), elsewhere("other-1250000000@ap-guangzhou", [{ ...rule, id: "other" }])],
    ],
  },

  // Rules of all buckets
  "report-path-shared": {
    fires: [both({}, { destination: { ...rule.destination, prefix: "inventory/1250000000/examplebucket/daily" } })],
    silent: [
      both({}, {}),
      both({}, { id: "daily2" }),
      [document([rule]), elsewhere("other-1250000000@ap-guangzhou", [rule])],
      [document([rule, rule])],
      both({}, {
        destination: { bucket, prefix: "inventory/1250000000/examplebucket/daily", format: "CSV" },
      }),
    ],
  },
  "scanned-daily": {
    fires: [
      both({}, { schedule: { frequency: "Weekly" } }),
      both({ schedule: { frequency: "Monthly", monthlyDate: 3 }, filter: { prefix: "logs/a" } }, {}),
    ],
    silent: [
      both({}, {}),
      both({ schedule: { frequency: "Weekly" } }, { schedule: { frequency: "Monthly", monthlyDate: 3 } }),
      both({}, { schedule: { frequency: "Weekly" }, filter: undefined }),
      both({}, { schedule: { frequency: "daily" } }),
      both({ isEnabled: false }, { schedule: { frequency: "Weekly" } }),
    ],
  },
  "destination-regions": {
    fires: [
      [elsewhere("nowhere-1250000000", [
        { ...rule, destination: { ...rule.destination, bucket: "qcs::cos:ap-guangzhou::inv-1250000000" } },
        { ...rule, id: "other", destination: { ...rule.destination, bucket: "qcs::cos:ap-beijing::inv-1250000000" } },
      ])],
    ],
    silent: [
      both({}, { destination: { ...rule.destination, bucket: "qcs::cos:ap-beijing::inv-1250000000" } }),
      [elsewhere("nowhere-1250000000", [
        { ...rule, destination: { ...rule.destination, bucket: "qcs::cos:ap-guangzhou::inv-1250000000" } },
        { ...rule, id: "other" },
      ])],
    ],
  },
  // A job that belongs nowhere; where it is in a bucket, the rule above is about it
  "job-id-elsewhere": { fires: [], silent: [[document([rule]), [{ ...job, id: "daily" }]], jobs({})] },

  "report-expiry": { fires: [one({}), jobs({})], silent: [to({ bucket: "nowhere" }), [document([])]] },
}
