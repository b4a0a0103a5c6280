/** List Parts (page 7747). */
import { encodeKey } from "../../../../core/key.ts"
import { writeTime } from "../../../../core/time.ts"
import { container, declaration, leaf } from "../../../../core/wire/xml/mod.ts"
import type { RefusalWithText } from "../../checks.ts"
import type { Facts } from "../../facts.ts"
import { isRefusal, type Operation } from "../../operation.ts"
import type { Bucket, Part } from "../../../store/mod.ts"
import * as Assumed from "../assumptions.ts"
import { quoted } from "../etag.ts"
import { refuseReading } from "../headers.ts"
import { keyText } from "../key-text.ts"
import { partsPerPage } from "../limits.ts"
import { uploadOf } from "./upload.ts"

export const listParts: Operation = {
  name: "ListParts",
  method: "GET",
  at: "Object",
  needs: ["uploadId"],
  takes: ["encoding-type", "max-parts", "part-number-marker"],
  body: "none",
  source: "page 7747",
  refuse: (facts) => refuseReading(facts) ?? refusePaging(facts),
  perform: (facts) => {
    const upload = uploadOf(facts)
    if (isRefusal(upload)) return upload
    const marker = numberOf(facts, "part-number-marker", 0)
    const most = numberOf(facts, "max-parts", partsPerPage)
    const rest = facts.store.parts(upload.bucket, upload.id).filter(({ number }) => number > marker)
    const page = rest.slice(0, Math.min(most, facts.pageSize(partsPerPage)))
    const encoding = facts.parameter("encoding-type")
    return {
      status: 200,
      body: declaration + container(
        "ListPartsResult",
        leaf("Bucket", upload.bucket) + leaf("EncodingType", encoding ?? "") +
          leaf("Key", encoding === "url" ? encodeKey(upload.key) : keyText(upload.key)) +
          leaf("UploadId", upload.id) + writePeople(facts.bucket()) +
          leaf("StorageClass", upload.storageClass) + leaf("PartNumberMarker", marker) + page.map(writePart).join("") +
          leaf("NextPartNumberMarker", page.at(-1)?.number ?? marker) + leaf("MaxParts", most) +
          leaf("IsTruncated", rest.length > page.length),
      ),
    }
  },
}

const refusePaging = (facts: Facts): RefusalWithText | undefined => {
  const encoding = facts.parameter("encoding-type") ?? ""
  if (encoding !== "" && encoding !== "url") return Assumed.badEncoding
  const most = numberOf(facts, "max-parts", partsPerPage)
  if (!(most >= 1 && most <= partsPerPage)) return Assumed.badNumber("max-parts")
  return Number.isNaN(numberOf(facts, "part-number-marker", 0)) ? Assumed.badNumber("part-number-marker") : undefined
}

const numberOf = (facts: Facts, name: string, otherwise: number): number => {
  const text = facts.parameter(name) ?? ""
  return text === "" ? otherwise : /^\d{1,9}$/u.test(text) ? Number(text) : Number.NaN
}

/** As in the sample: who began it by APPID, the owner by account. */
const writePeople = ({ name, owner }: Bucket): string => {
  const appid = name.slice(name.lastIndexOf("-") + 1)
  return container("Initiator", leaf("ID", appid) + leaf("DisplayName", appid)) +
    container("Owner", leaf("ID", `qcs::cam::uin/${owner}:uin/${owner}`) + leaf("DisplayName", owner))
}

const writePart = ({ number, etag, size, lastModified }: Part): string =>
  container(
    "Part",
    leaf("PartNumber", number) + leaf("LastModified", writeTime(Math.floor(lastModified / 1000))) +
      leaf("ETag", quoted(etag)) + leaf("Size", size),
  )
