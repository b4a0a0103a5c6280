/** The objects of a local COS against a plain model of them, through any sequence of requests. */
import { strict as assert } from "node:assert"
import { createHash } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Headers } from "../core/http.ts"
import { prop } from "./harness.ts"
import { bucket, hostOfBucket, ownedBytes, type Reply, type World, world } from "./objects-world.ts"

const keys = ["a", "b", "a/b", "%F0%9F%98%80"]

const Step = Schema.Struct({
  does: Schema.Literals([
    "put",
    "put",
    "copy",
    "copyVersion",
    "delete",
    "deleteVersion",
    "tag",
    "begin",
    "part",
    "complete",
    "abort",
    "enable",
    "suspend",
  ]),
  key: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: keys.length - 1 })),
  /** Chooses a source, a version or an upload. */
  pick: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 7 })),
})
type Step = typeof Step.Type

/** What a version is, apart from what the COS makes up. */
interface Kept {
  readonly id: string
  readonly text: string | undefined
  readonly meta: string
  readonly tag: string
  readonly etag: string
}
interface Begun {
  readonly id: string
  readonly key: number
  readonly meta: string
  part: string | undefined
}
interface Model {
  versioning: "Enabled" | "Suspended" | undefined
  /** Newest first. */
  readonly versions: Array<Array<Kept>>
  readonly uploads: Array<Begun>
}

const md5 = (text: string | Uint8Array) => createHash("md5").update(text).digest()
const etagOf = (text: string) => `"${md5(text).toString("hex")}"`

const add = (model: Model, key: number, kept: Omit<Kept, "id">, reply: Reply): void => {
  const id = model.versioning === "Enabled" ? reply.header("x-cos-version-id")! : "null"
  assert.ok(id !== undefined && (id === "null" || !model.versions[key]!.some((other) => other.id === id)))
  model.versions[key] = [{ ...kept, id }, ...model.versions[key]!.filter((other) => other.id !== id)]
}

const perform = async ({ ask, store }: World, model: Model, { does, key, pick }: Step, turn: number): Promise<void> => {
  const target = `/${keys[key]}`
  const own = model.versions[key]!
  const text = `text ${turn % 3}`
  const meta = String(turn % 5)
  const headers: Headers = [["x-cos-meta-n", meta], ["x-cos-tagging", `n=${meta}`]]
  switch (does) {
    case "put": {
      const reply = await ask("PUT", target, headers, text)
      assert.equal(reply.header("etag"), etagOf(text))
      return add(model, key, { text, meta, tag: meta, etag: etagOf(text) }, reply)
    }
    case "copy":
    case "copyVersion": {
      const from = pick % keys.length
      const versions = model.versions[from]!
      const chosen = does === "copy" ? versions[0] : versions[pick % Math.max(1, versions.length)]
      const suffix = does === "copy" || chosen === undefined ? "" : `?versionId=${chosen.id}`
      const source = `${hostOfBucket(bucket)}/${keys[from]}${suffix}`
      const reply = await ask("PUT", target, [["x-cos-copy-source", source]])
      if (chosen === undefined || (chosen.text === undefined && suffix === "")) {
        return assert.equal(reply.code, "NoSuchCopySource")
      }
      if (chosen.text === undefined) return assert.equal(reply.code, "InvalidCopySource")
      if (from === key && suffix === "") return assert.equal(reply.code, "InvalidRequest")
      return add(model, key, { ...chosen, etag: etagOf(chosen.text) }, reply)
    }
    case "delete": {
      const reply = await ask("DELETE", target)
      assert.equal(reply.status, 204)
      if (model.versioning === undefined) return void (model.versions[key] = [])
      return add(model, key, { text: undefined, meta: "", tag: "", etag: "" }, reply)
    }
    case "deleteVersion": {
      const id = own[pick % Math.max(1, own.length)]?.id ?? "none"
      assert.equal((await ask("DELETE", `${target}?versionId=${id}`)).status, 204)
      return void (model.versions[key] = own.filter((other) => other.id !== id))
    }
    case "tag": {
      const chosen = own[pick % Math.max(1, own.length)]
      const body = `<Tagging><TagSet><Tag><Key>n</Key><Value>${turn}</Value></Tag></TagSet></Tagging>`
      const reply = await ask("PUT", `${target}?tagging&versionId=${chosen?.id ?? "none"}`, [], body)
      if (chosen?.text === undefined) {
        return assert.equal(reply.code, chosen === undefined ? "NoSuchVersion" : "NoSuchKey")
      }
      return void (model.versions[key] = own.map((other) => other === chosen ? { ...other, tag: String(turn) } : other))
    }
    case "begin": {
      const id = (await ask("POST", `${target}?uploads`, headers)).element("UploadId")
      return void model.uploads.push({ id, key, meta, part: undefined })
    }
    case "enable":
    case "suspend": {
      model.versioning = does === "enable" ? "Enabled" : "Suspended"
      const { rules: _, jobs: __, ...attributes } = store.bucket(bucket.name)!
      return store.commit([{ _tag: "BucketPut", bucket: { ...attributes, versioning: model.versioning } }])
    }
  }
  const upload = model.uploads[pick % Math.max(1, model.uploads.length)]
  if (upload === undefined) return
  const about = `/${keys[upload.key]}?uploadId=${upload.id}`
  switch (does) {
    case "part":
      assert.equal((await ask("PUT", `${about}&partNumber=1`, [], text)).header("etag"), etagOf(text))
      return void (upload.part = text)
    case "complete": {
      const list = `<Part><PartNumber>1</PartNumber><ETag>${etagOf(upload.part ?? "")}</ETag></Part>`
      const body = `<CompleteMultipartUpload>${list}</CompleteMultipartUpload>`
      const reply = await ask("POST", about, [], body)
      if (upload.part === undefined) return assert.equal(reply.code, "InvalidPart")
      model.uploads.splice(model.uploads.indexOf(upload), 1)
      const etag = `"${md5(md5(upload.part)).toString("hex")}-1"`
      return add(model, upload.key, { text: upload.part, meta: upload.meta, tag: upload.meta, etag }, reply)
    }
    case "abort":
      assert.equal((await ask("DELETE", about)).status, 204)
      return void model.uploads.splice(model.uploads.indexOf(upload), 1)
  }
}

const agrees = async ({ ask, store }: World, model: Model): Promise<void> => {
  for (const [at, key] of keys.entries()) {
    const versions = model.versions[at]!
    for (const [place, kept] of [...versions, versions[0]].entries()) {
      const isNewest = place === versions.length
      const suffix = isNewest || kept === undefined ? "" : `versionId=${kept.id}`
      const reply = await ask("GET", `/${key}?${suffix}`)
      const head = await ask("HEAD", `/${key}?${suffix}`)
      assert.equal(head.status, reply.status)
      if (kept?.text === undefined) {
        assert.equal(reply.code, "NoSuchKey")
        assert.equal(reply.header("x-cos-delete-marker"), kept === undefined ? undefined : "true")
        continue
      }
      assert.deepEqual(
        [reply.text, reply.header("x-cos-meta-n"), reply.header("etag"), head.header("content-length")],
        [kept.text, kept.meta, kept.etag, String(kept.text.length)],
      )
      assert.equal(reply.header("x-cos-version-id"), model.versioning === undefined ? undefined : kept.id)
      assert.equal((await ask("GET", `/${key}?tagging&${suffix}`)).element("Value"), kept.tag)
    }
  }
  const listed = [...store.entries(bucket.name, "")].map((versions) => versions.map(({ versionId }) => versionId))
  const known = keys.map((_, at) => model.versions[at]!.map(({ id }) => id)).filter((ids) => ids.length > 0)
  assert.deepEqual(new Set(listed.map(String)), new Set(known.map(String)))
  assert.deepEqual(new Set(store.uploads(bucket.name).map(({ id }) => id)), new Set(model.uploads.map(({ id }) => id)))
  assert.equal(store.bodies.used(), ownedBytes(store))
}

prop(
  "objects are what a plain model says after any sequence of requests, and no byte is left without an owner",
  Schema.Struct({
    steps: Schema.Array(Step).check(Schema.isMinLength(20), Schema.isMaxLength(60)),
    isVersioned: Schema.Boolean,
  }),
  ({ steps, isVersioned }) =>
    Effect.promise(async () => {
      const made = world({ buckets: [isVersioned ? { ...bucket, versioning: "Enabled" } : bucket] })
      const model: Model = {
        versioning: isVersioned ? "Enabled" : undefined,
        versions: keys.map(() => []),
        uploads: [],
      }
      for (const [turn, step] of steps.entries()) await perform(made, model, step, turn)
      await agrees(made, model)
      return true
    }),
  { runs: 150 },
)
