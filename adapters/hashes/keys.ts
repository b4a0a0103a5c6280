import type { Hashes } from "../../core/ports.ts"
import { signKey, type SignKeyOf } from "../../core/signing/mod.ts"

/**
 * Signing keys, kept by key id and key time.
 *
 * Bounded, because a verifier derives keys for whatever key time a request names; the oldest goes first. A key whose
 * secret has changed since is derived anew.
 */
export const keyCache = (hashes: Hashes, limit = 64): SignKeyOf => {
  const kept = new Map<string, { readonly secretKey: string; readonly signKey: string }>()
  return (secretId, secretKey, keyTime) => {
    const name = `${keyTime} ${secretId}`
    const found = kept.get(name)
    if (found?.secretKey === secretKey) return found.signKey
    const derived = signKey(hashes, secretKey, keyTime)
    if (found === undefined && kept.size >= limit) kept.delete(kept.keys().next().value!)
    kept.set(name, { secretKey, signKey: derived })
    return derived
  }
}
