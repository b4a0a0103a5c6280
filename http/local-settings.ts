/**
 * What the local COS says about itself once it is ready: where it is, its keys, and settings to paste into each client.
 *
 * Every block can be pasted as it stands, its title included, which is a comment in the block's own language. Blocks are
 * set apart by blank lines and have none inside.
 */
import { word } from "../core/shell.ts"
import { authority, text } from "./pasting.ts"

export interface Local {
  /** Where it listens, such as `http://127.0.0.1:9000`. */
  readonly origin: string
  readonly key: { readonly secretId: string; readonly secretKey: string }
  /** The bucket of requests that name none. */
  readonly bucket: string
  readonly region: string
  /** How this command line is called. */
  readonly cli: string
}

export const settingsText = (local: Local): string => blocks.map((block) => block(local).join("\n")).join("\n\n")

type Block = (local: Local) => ReadonlyArray<string>

const facts: Block = ({ origin, key, bucket, region }) => [
  `Endpoint:   ${origin}`,
  `Secret id:  ${key.secretId}`,
  `Secret key: ${key.secretKey}`,
  `Bucket:     ${bucket} in ${region}, the bucket of requests that name none`,
]

const commandLine: Block = ({ origin, key, bucket, region, cli }) => [
  "# This command line",
  `export COS_ENDPOINT=${word(origin)} COS_BUCKET=${word(bucket)} COS_REGION=${word(region)}`,
  `export COS_SECRET_ID=${word(key.secretId)} COS_SECRET_KEY=${word(key.secretKey)}`,
  `${cli} list`,
]

/** With `Ip` the SDK connects there and keeps COS's own host in the request and its signature (sdk/base.js, `_submitRequest`). */
const node: Block = ({ origin, key, bucket, region }) => [
  "// Node: npm install cos-nodejs-sdk-v5",
  'const COS = require("cos-nodejs-sdk-v5")',
  `const cos = new COS({ SecretId: ${text(key.secretId)}, SecretKey: ${text(key.secretKey)}, ` +
  `Protocol: "http:", Ip: ${text(authority(origin))} })`,
  `const at = { Bucket: ${text(bucket)}, Region: ${text(region)} }`,
  "const main = async () => {",
  '  await cos.putObject({ ...at, Key: "hello.txt", Body: "Hello, COS" })',
  '  const { Body } = await cos.getObject({ ...at, Key: "hello.txt" })',
  "  const { InventoryConfigurations } = await cos.listBucketInventory(at)",
  "  console.log(String(Body), InventoryConfigurations.map(({ Id }) => Id))",
  "}",
  "main()",
]

/**
 * With `IP` and `Port` the SDK does alike, but for the list of all buckets, which it asks at `ServiceDomain`
 * (qcloud_cos/cos_client.py: `CosConfig.uri`, `send_request`, `list_buckets`; qcloud_cos/cos_auth.py signs that host).
 */
const python: Block = ({ origin, key, bucket, region }) => [
  "# Python: pip install cos-python-sdk-v5",
  "from qcloud_cos import CosConfig, CosS3Client",
  `cos = CosS3Client(CosConfig(Region=${text(region)}, SecretId=${text(key.secretId)}, SecretKey=${
    text(key.secretKey)
  },`,
  `    Scheme="http", IP=${text(hostOf(origin))}, Port=${portOf(origin)}, ServiceDomain=${text(authority(origin))}))`,
  `cos.put_object(Bucket=${text(bucket)}, Key="hello.txt", Body=b"Hello, COS")`,
  `print(cos.get_object(Bucket=${text(bucket)}, Key="hello.txt")["Body"].get_raw_stream().read())`,
]

/**
 * `Host` is what the SDK sends and signs instead of the host of its `BaseURL` (cos.go, `newRequest`; auth.go). Without it
 * a GET of the bucket itself would be one of all buckets.
 */
const go: Block = ({ origin, key, bucket, region }) => [
  "// Go: go mod init example && go get github.com/tencentyun/cos-go-sdk-v5",
  "package main",
  "import (",
  '\t"context"',
  '\t"fmt"',
  '\t"github.com/tencentyun/cos-go-sdk-v5"',
  '\t"net/http"',
  '\t"net/url"',
  ")",
  "func main() {",
  `\tendpoint, _ := url.Parse(${text(origin)})`,
  "\tclient := cos.NewClient(&cos.BaseURL{BucketURL: endpoint, ServiceURL: endpoint}, &http.Client{",
  "\t\tTransport: &cos.AuthorizationTransport{" +
  `SecretID: ${text(key.secretId)}, SecretKey: ${text(key.secretKey)}},`,
  "\t})",
  `\tclient.Host = ${text(`${bucket}.cos.${region}.myqcloud.com`)} // leave it out for client.Service`,
  '\tlist, _, err := client.Bucket.ListInventoryConfigurations(context.Background(), "")',
  "\tif err != nil {",
  "\t\tpanic(err)",
  "\t}",
  "\tfor _, rule := range list.InventoryConfigurations {",
  "\t\tfmt.Println(rule.ID)",
  "\t}",
  "}",
]

/**
 * Page 71763 has the flags; without `--customized` the bucket becomes the first label of the endpoint's host
 * (util/url.go, `GenBucketURL`), which an address does not have. A bucket that no configuration file names is taken as it
 * is (util/bucket.go).
 */
const coscli: Block = ({ origin, key, bucket }) => {
  const connection = `--init-skip=true -i ${word(key.secretId)} -k ${word(key.secretKey)} ` +
    `-p http -e ${word(authority(origin))} --customized=true`
  return [
    "# coscli, for that bucket",
    `coscli ls ${word(`cos://${bucket}`)} ${connection}`,
    `coscli inventory --method list ${word(`cos://${bucket}`)} ${connection}`,
  ]
}

const blocks: ReadonlyArray<Block> = [facts, commandLine, node, python, go, coscli]

const hostOf = (origin: string): string => authority(origin).replace(/:\d+$/u, "")
const portOf = (origin: string): string => /:(\d+)$/u.exec(authority(origin))?.[1] ?? "80"
