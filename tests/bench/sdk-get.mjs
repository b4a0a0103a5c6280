// The ten lines that a user of the SDK would write for `cos-inventory get list1`
import COS from "cos-nodejs-sdk-v5"

const { COS_SECRET_ID: SecretId, COS_SECRET_KEY: SecretKey, COS_BUCKET: Bucket, COS_REGION: Region } = process.env
const cos = new COS({ SecretId, SecretKey, Protocol: "http:", Domain: new URL(process.env.COS_ENDPOINT).host })

cos.getBucketInventory({ Bucket, Region, Id: "list1" }, (error, data) => {
  if (error) throw error
  console.log(JSON.stringify(data.InventoryConfiguration, undefined, 2))
})
