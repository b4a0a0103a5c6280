/** Every operation that the local COS performs; whatever is not here it refuses as not implemented. */
import { bucketOperations } from "./buckets/mod.ts"
import { inventoryOperations } from "./inventory/mod.ts"
import { objectOperations } from "./objects/mod.ts"
import type { Operation } from "./operation.ts"

export const operations: ReadonlyArray<Operation> = [...bucketOperations, ...objectOperations, ...inventoryOperations]

/** What a request asks for, as far as it decides which operation is meant. */
export interface Asking {
  readonly method: string
  readonly at: Operation["at"]
  readonly parameters: ReadonlyArray<readonly [name: string, value: string]>
  readonly hasHeader: (name: string) => boolean
}

export const operationOf = (asking: Asking): Operation | undefined =>
  meant(asking, (operation) => asking.parameters.every(([name]) => takes(operation, name)))

/** Whether any operation on buckets' inventory rules has this method. */
export const hasInventory = ({ method }: Asking): boolean =>
  inventoryOperations.some((operation) => operation.method === method)

/**
 * How an operation that is not there is called: by its method, what it is about, and its sub-resource, which is the
 * parameter that the operation that is there does not take.
 */
export const nameOfUnknown = (asking: Asking): string => {
  const { method, at, parameters } = asking
  const there = meant(asking, () => true)
  const stranger = parameters.find(([name]) => there === undefined || !takes(there, name))
  return [method.toUpperCase(), at, ...(stranger === undefined ? [] : [stranger[0]])].join(" ")
}

/** Of those that have all they need, the one that needs most. */
const meant = (asking: Asking, isFit: (operation: Operation) => boolean): Operation | undefined => {
  let best: Operation | undefined
  for (const operation of operations) {
    if (!hasNeeds(operation, asking) || !isFit(operation)) continue
    if (best === undefined || weight(operation) > weight(best)) best = operation
  }
  return best
}

const hasNeeds = ({ method, at, needs, needsHeader }: Operation, asking: Asking): boolean =>
  method === asking.method && at === asking.at &&
  (needsHeader === undefined || asking.hasHeader(needsHeader)) &&
  needs.every((wanted) => asking.parameters.some(([name, value]) => isNamed(wanted, name, value)))

const takes = (operation: Operation, name: string): boolean =>
  operation.takes === "any" || operation.takes.includes(name) || operation.needs.includes(name) ||
  operation.needs.includes(`${name}=`)

/** `id=` in a row's list means that the value may not be empty. */
const isNamed = (wanted: string, name: string, value: string): boolean =>
  wanted.endsWith("=") ? name === wanted.slice(0, -1) && value !== "" : name === wanted

const weight = ({ needs, needsHeader }: Operation): number => needs.length + (needsHeader === undefined ? 0 : 1)
