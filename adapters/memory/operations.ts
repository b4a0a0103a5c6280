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

export const operationOf = (asking: Asking): Operation | undefined => {
  let best: Operation | undefined
  for (const operation of operations) {
    if (fits(operation, asking) && (best === undefined || weight(operation) > weight(best))) best = operation
  }
  return best
}

const fits = ({ method, at, needs, takes, needsHeader }: Operation, asking: Asking): boolean =>
  method === asking.method && at === asking.at &&
  (needsHeader === undefined || asking.hasHeader(needsHeader)) &&
  needs.every((wanted) => asking.parameters.some(([name, value]) => isNamed(wanted, name, value))) &&
  asking.parameters.every(([name]) => takes.includes(name) || needs.includes(name) || needs.includes(`${name}=`))

/** `id=` in a row's list means that the value may not be empty. */
const isNamed = (wanted: string, name: string, value: string): boolean =>
  wanted.endsWith("=") ? name === wanted.slice(0, -1) && value !== "" : name === wanted

const weight = ({ needs, needsHeader }: Operation): number => needs.length + (needsHeader === undefined ? 0 : 1)

/** How an operation that is not there is called: by its method, what it is about, and its sub-resource. */
export const nameOfUnknown = ({ method, at, parameters }: Asking): string =>
  [method.toUpperCase(), at, ...parameters.slice(0, 1).map(([name]) => name)].join(" ")
