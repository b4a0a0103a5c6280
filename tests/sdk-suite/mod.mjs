/**
 * What a client that nobody here wrote does against a COS: cos-nodejs-sdk-v5, unmodified, over a socket. Every step is one
 * test; what the SDK itself gets wrong is pinned where it shows, so that a newer one which mends it is noticed.
 *
 * The server is a fresh one, with one empty bucket for requests that name none.
 */
import { accessSteps, tokenSteps } from "./access.mjs"
import { bucketSteps } from "./buckets.mjs"
import { inventorySteps } from "./inventory.mjs"
import { keySteps } from "./keys.mjs"
import { linkSteps } from "./links.mjs"
import { multipartSteps } from "./multipart.mjs"
import { objectSteps } from "./objects.mjs"
import { versionSteps } from "./versions.mjs"

export { tokenSteps }
export { makeWorld } from "./world.mjs"

export const steps = [
  ...bucketSteps,
  ...objectSteps,
  ...keySteps,
  ...multipartSteps,
  ...versionSteps,
  ...linkSteps,
  ...accessSteps,
  ...inventorySteps,
]
