/** The embedded demo as a transport: the same signing and the same checks as anywhere, over a COS in memory. */
import * as Layer from "effect/Layer"
import { credential, layerFixed } from "../adapters/credentials/mod.ts"
import { layer as layerHashes } from "../adapters/hashes/node.ts"
import { demoBucket as bucket, demoKey, demoOptions, layer as layerMemory } from "../adapters/memory/mod.ts"
import { layer as layerSigned } from "../adapters/signed.ts"
import type { Hashing, Transport } from "../core/ports.ts"

export const demoBucket = bucket.name
export const demoRegion = bucket.region

/** `transport` takes the place of the COS in memory, for a dry run. */
export const layerDemo = (transport: Layer.Layer<Transport> | undefined): Layer.Layer<Transport | Hashing> => {
  const base = transport ?? layerMemory(demoOptions()).pipe(Layer.provide(layerHashes))
  const keys = layerFixed(credential(demoKey.secretId, demoKey.secretKey))
  return Layer.merge(layerSigned.pipe(Layer.provide(Layer.mergeAll(base, keys, layerHashes))), layerHashes)
}
