/**
 * How clients reach a proxy, to paste: for each block the first principal that it suits. Tokens and secret keys are known
 * to their owners alone, so that each block takes them from where its client keeps secrets.
 */
import type { Policy, Principal } from "../core/policy/mod.ts"
import { bucketsOf } from "../core/policy/mod.ts"
import { word } from "../core/shell.ts"
import { authority, text } from "./pasting.ts"

export interface Reached {
  readonly origin: string
  readonly policy: Policy
  /** How this command line is called. */
  readonly cli: string
}

/** Empty where nobody has a bucket to ask for. */
export const proxySettingsText = (reached: Reached): string =>
  [commandLine(reached), node(reached)].filter((lines) => lines.length > 0).map((lines) => lines.join("\n"))
    .join("\n\n")

const commandLine = ({ origin, policy, cli }: Reached): ReadonlyArray<string> => {
  const found = suited(policy, ({ tokens }) => tokens.length > 0)
  if (found === undefined) return []
  const { name, bucket, region } = found
  return [
    `# This command line, with a token of ${name} in COS_PROXY_TOKEN`,
    `export COS_PROXY_URL=${word(origin)} COS_BUCKET=${word(bucket)} COS_REGION=${word(region)}`,
    `${cli} list`,
  ]
}

/** With `Ip` the SDK connects there and keeps COS's own host in the request and its signature (sdk/base.js, `_submitRequest`). */
const node = ({ origin, policy }: Reached): ReadonlyArray<string> => {
  const found = suited(policy, ({ keys }) => keys.length > 0)
  if (found === undefined) return []
  const { name, key = "", bucket, region } = found
  return [
    `// Node: npm install cos-nodejs-sdk-v5, and ${name}'s virtual secret key in COS_SECRET_KEY`,
    'const COS = require("cos-nodejs-sdk-v5")',
    `const cos = new COS({ SecretId: ${text(key)}, SecretKey: process.env.COS_SECRET_KEY, ` +
    `Protocol: "http:", Ip: ${text(authority(origin))} })`,
    `cos.listBucketInventory({ Bucket: ${text(bucket)}, Region: ${text(region)} })` +
    ".then(({ InventoryConfigurations }) => console.log(InventoryConfigurations.map(({ Id }) => Id)))",
  ]
}

const suited = (policy: Policy, isSuited: (principal: Principal) => boolean) => {
  for (const principal of policy.principals.filter(isSuited)) {
    const [bucket] = bucketsOf(policy, principal)
    const region = bucket === undefined ? undefined : policy.buckets.get(bucket)
    if (bucket === undefined || region === undefined) continue
    const [key] = principal.keys
    return { name: principal.name, bucket, region, ...(key === undefined ? {} : { key }) }
  }
  return undefined
}
