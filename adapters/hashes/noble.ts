/** The three digests in plain JavaScript, for runtimes without `node:crypto` such as Workers. */
import { hmac } from "@noble/hashes/hmac.js"
import { md5, sha1 } from "@noble/hashes/legacy.js"
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js"
import * as Layer from "effect/Layer"
import { type Hashes, Hashing } from "../../core/ports.ts"

export const hashes: Hashes = {
  sha1Hex: (text) => bytesToHex(sha1(utf8ToBytes(text))),
  hmacSha1Hex: (key, text) => bytesToHex(hmac(sha1, utf8ToBytes(key), utf8ToBytes(text))),
  md5Base64: (bytes) => btoa(String.fromCharCode(...md5(bytes))),
  md5: () => {
    const digest = md5.create()
    return { update: (bytes) => void digest.update(bytes), hex: () => bytesToHex(digest.digest()) }
  },
}

export const layer: Layer.Layer<Hashing> = Layer.succeed(Hashing, hashes)
