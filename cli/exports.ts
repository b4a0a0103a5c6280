/** The three things that `export` writes: rules files of buckets, the same out of a Terraform state, and Terraform's own. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { listing } from "../core/client.ts"
import { ConfigError, InvalidInput } from "../core/errors.ts"
import { exportedBucket, ruleName } from "../core/export.ts"
import { type Finding, isError } from "../core/lint/mod.ts"
import { escapeSteering } from "../core/redact.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import type { BucketRef } from "../core/bucket.ts"
import { fileComment, makeNames, providerOf, readState, resourceText, unsayable } from "../core/terraform/mod.ts"
import type { Bucket } from "../core/retarget.ts"
import { chosenBy } from "./chosen.ts"
import { exits } from "./exit.ts"
import { type Exporting, exporting, type Piece, type Unwritten } from "./exporting.ts"
import type { Wired } from "./connection.ts"
import { type Failing, type Failure, Refusal, reporting } from "./failure.ts"
import { type Fleet, onFleet } from "./fleet.ts"
import { headerOf } from "./header.ts"
import { sayPartial } from "./listed.ts"
import type { Flags } from "./settings.ts"
import { World } from "./world.ts"

type Given = Omit<Exporting, "ending" | "notesHead" | "total" | "isDemo"> & { readonly ending: "yaml" | "json" }

const refusedHead = "Exported as they are, but to write them anew takes apply --as-is:"
const lossHead = "A state may have lost what COS has; run plan on the result, which changes nothing, and look for:"

/** What buckets have, as rules documents. */
export const exportBuckets = (flags: Flags, given: Given, parallel: number) =>
  onBuckets(flags, given, parallel, (fleet, refs) =>
    Effect.gen(function* () {
      yield* oneForJson(refs.length, given)
      const { isDemo } = fleet
      const piece = yield* pieceMaker(given, "as `cos-inventory export` found them", isDemo)
      yield* exporting(
        read(refs, fleet, { ...given, parallel }, piece),
        { ...given, notesHead: refusedHead, total: refs.length, isDemo },
      )
    }))

/** The same for Terraform. */
export const exportForTerraform = (flags: Flags, given: Given, parallel: number) =>
  onBuckets(flags, given, parallel, (fleet, refs) => {
    // A provider has one region
    const isOneRegion = new Set(refs.map(({ region }) => region)).size <= 1
    const names = makeNames()
    const { isDemo } = fleet
    return exporting(
      // One after the other, because a name depends on those that are taken
      read(refs, fleet, { ...given, parallel }, (ref, rules) => ({ ref, rules })).pipe(
        Stream.map((one) =>
          "error" in one ? one : terraformPiece(
            one.ref,
            one.rules,
            names.of(one.ref.bucket, one.rules.map(({ id }) => id)),
            { provider: isOneRegion ? undefined : providerOf(one.ref.region), isDemo },
          )
        ),
      ),
      { ...given, ending: "tf", notesHead: "", total: refs.length, isDemo },
    )
  })

const onBuckets = <E extends Failing | Failure>(
  flags: Flags,
  given: Given,
  parallel: number,
  body: (fleet: Fleet, refs: Effect.Success<ReturnType<typeof bucketsOf>>) => Effect.Effect<void, E, Wired | World>,
) =>
  onFleet(
    flags,
    { action: (place) => `export the rules of ${place}`, form: given.form, parallel },
    (fleet) => Effect.flatMap(bucketsOf(fleet), (refs) => body(fleet, refs)),
  )

/** A state of Terraform as rules documents. Nothing is sent, and no keys are needed. */
export const exportState = (flags: Flags, path: string, given: Given) =>
  Effect.gen(function* () {
    const { stdin } = yield* World
    const { readStateFile } = yield* Effect.promise(() => import("../adapters/terraform-state.ts"))
    const { value, file } = yield* readStateFile(path, { stdin })
    const chosen = new Set((yield* chosenBy(flags)).map(({ bucket }) => bucket))
    const state = readState(value)
    const findings = state.findings.map((finding) => ({
      ...finding,
      file: finding.file === undefined ? file : `${file}, ${finding.file}`,
    }))
    const buckets = state.buckets.filter(({ ref }) => chosen.size === 0 || chosen.has(ref.bucket))
    const errors = findings.filter(isError)
    if (buckets.length === 0) {
      const none = errors.length > 0 ? [] : [chosen.size > 0 ? notThere(file) : noneStands(file)]
      return yield* new InvalidInput({ findings: [...none, ...findings] })
    }
    yield* oneForJson(buckets.length, given)
    const make = yield* pieceMaker(given, "as a Terraform state has them")
    // What is said of the state as a whole stands with its first bucket
    const pieces = buckets.map(({ ref, rules }, i): Piece => {
      const piece = make(ref, rules)
      if (i > 0) return piece
      return errors.length > 0 ? { ...piece, leftOut: findings } : { ...piece, notes: [...findings, ...piece.notes] }
    })
    if (given.form !== "json") yield* Console.error(`Note: ${alwaysLost}`)
    yield* exporting(Stream.fromIterable(pieces), {
      ...given,
      notesHead: lossHead,
      total: buckets.length,
      isDemo: false,
    })
  }).pipe(reporting("export from Terraform", given.form))

const alwaysLost =
  "a Terraform state never holds tags, a storage class or a day of the month, and seldom the encryption; run plan on what is written before apply"

const notThere = (file: string): Finding => ({
  code: "terraform-none",
  severity: "error",
  path: "",
  message: "The state holds no rule of the buckets that are asked for",
  allowed: "buckets that stand in the state",
  fix: "Leave out --bucket, or give another state",
  source: "the state",
  file,
})

const noneStands = (file: string): Finding => ({
  ...notThere(file),
  message: "The state holds no rule that stands",
  allowed: "resources that are not waiting to be destroyed",
  fix: "Run `terraform apply`, or give another state",
})

/** Those that flags choose, else the usual one. */
export const bucketsOf = (fleet: Fleet): Effect.Effect<ReadonlyArray<BucketRef>, ConfigError> => {
  const { chosen, usual } = fleet
  if (chosen.length === 0 && usual === undefined) {
    return Effect.fail(
      new ConfigError({
        source: "flags, environment, profile file",
        problem: "No bucket is set",
        fix: "Give --bucket <name>-<appid>, --buckets-from or --all-buckets, or set COS_BUCKET",
      }),
    )
  }
  const refs = chosen.length > 0 ? chosen : usual === undefined ? [] : [usual]
  return Effect.succeed(
    refs.map(fleet.located).map(({ bucket, region }) => ({ bucket, ...(region === undefined ? {} : { region }) })),
  )
}

/** A JSON text is one value, and a rules document is about one list of rules. */
const oneForJson = (count: number, { ending, out }: Given): Effect.Effect<void, Refusal> =>
  ending !== "json" || out !== undefined || count === 1 ? Effect.void : Effect.fail(
    new Refusal({
      exit: exits.usage,
      problem: `${count} buckets are given, and JSON holds one rules document`,
      fix: "Give --out <folder>, or -o yaml, which holds many",
    }),
  )

/** Every bucket's rules in the order in which the buckets are given, while others are being read. */
const read = <A>(
  refs: ReadonlyArray<BucketRef>,
  fleet: Fleet,
  { form, parallel }: Pick<Given, "form"> & { readonly parallel: number },
  make: (ref: Bucket, rules: ReadonlyArray<InventoryConfiguration>) => A,
) =>
  Stream.fromIterable(refs).pipe(
    Stream.mapEffect(
      (ref) =>
        Effect.gen(function* () {
          const place = yield* fleet.at(ref)
          const { bucket, region } = place
          const shown = yield* listing(place)
          yield* sayPartial(shown, bucket, form)
          return make({ bucket, region }, shown.rules)
        }).pipe(Effect.catch((error: Failing) => Effect.succeed<Unwritten>({ ref, error }))),
      { concurrency: parallel },
    ),
  )

/** Makes a bucket's document; `origin` says where its rules are from. */
const pieceMaker = ({ ending }: Given, origin: string, isDemo = false) =>
  Effect.map(
    Effect.promise(() => import("../adapters/yaml/mod.ts")),
    ({ writeYaml }) => (ref: BucketRef, rules: ReadonlyArray<InventoryConfiguration>): Piece => {
      const { document, findings } = exportedBucket(ref, rules)
      return {
        ref,
        text: ending === "json"
          ? `${escapeSteering(JSON.stringify(isDemo ? ofDemo(document) : document, null, 2))}\n`
          : headerOf(ref, isDemo ? `${origin} in the embedded demo` : origin) + writeYaml(document),
        count: rules.length,
        notes: findings,
        leftOut: [],
      }
    },
  )

const ofDemo = ({ version, ...content }: Record<string, unknown>) => ({ version, demo: true, ...content })

const terraformPiece = (
  ref: Bucket,
  rules: ReadonlyArray<InventoryConfiguration>,
  names: ReadonlyMap<string, string>,
  { provider, isDemo }: { readonly provider: string | undefined; readonly isDemo: boolean },
): Piece => {
  const judged = rules.map((rule) => ({ rule, lost: unsayable(rule, ruleName(ref.bucket, rule.id)) }))
  const kept = judged.filter(({ lost }) => lost.length === 0).map(({ rule }) => rule)
  return {
    ref,
    text: [
      ...(isDemo ? ["# These are of the embedded demo, not of COS."] : []),
      fileComment(ref.bucket, ref.region, kept.length, provider),
      ...kept.map((rule) => resourceText(ref.bucket, rule, names.get(rule.id)!, provider)),
    ].join("\n"),
    count: kept.length,
    notes: [],
    leftOut: judged.flatMap(({ lost }) => lost),
  }
}
