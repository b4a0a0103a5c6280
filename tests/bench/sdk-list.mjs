// The same for `cos-inventory list`
import COS from "cos-nodejs-sdk-v5"

const { COS_SECRET_ID: SecretId, COS_SECRET_KEY: SecretKey, COS_BUCKET: Bucket, COS_REGION: Region } = process.env
const cos = new COS({ SecretId, SecretKey, Protocol: "http:", Domain: new URL(process.env.COS_ENDPOINT).host })

const rules = []
const nextPage = (ContinuationToken) =>
  cos.listBucketInventory({ Bucket, Region, ContinuationToken }, (error, data) => {
    if (error) throw error
    rules.push(...data.InventoryConfigurations)
    if (data.IsTruncated === "true") nextPage(data.NextContinuationToken)
    else console.log(JSON.stringify(rules, undefined, 2))
  })
nextPage()
