/** The program's name and the flags that every command shares. */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { switchFlag } from "./flags.ts"

export const root = Command.make("cos-inventory").pipe(
  Command.withSharedFlags({
    profile: Flag.String("profile").pipe(
      Flag.withDescription("Profile of the profile file (COS_PROFILE)"),
      Flag.optional,
    ),
    region: Flag.String("region").pipe(
      Flag.withDescription("Region of the bucket, such as ap-guangzhou (COS_REGION)"),
      Flag.optional,
    ),
    endpoint: Flag.String("endpoint").pipe(
      Flag.withDescription("Origin to send to; {bucket} and {region} in it are replaced (COS_ENDPOINT)"),
      Flag.optional,
    ),
    bucket: Flag.String("bucket").pipe(
      Flag.withAlias("b"),
      Flag.withDescription("Bucket, <name>-<appid> or <name>-<appid>@<region>; repeat it for more (COS_BUCKET)"),
      Flag.atLeast(0),
    ),
    bucketsFrom: Flag.String("buckets-from").pipe(
      Flag.withDescription("File with a bucket a line, <name>-<appid>@<region>; - for standard input"),
      Flag.optional,
    ),
    allBuckets: switchFlag("all-buckets", "Every bucket of the account; of one region with --region"),
    demo: switchFlag("demo", "Work on the embedded demo bucket, in memory"),
    timeout: Flag.String("timeout").pipe(
      Flag.withDescription("Time for one request, such as 30s"),
      Flag.optional,
    ),
  }),
  Command.withDescription("Bucket inventory for Tencent Cloud COS"),
)
