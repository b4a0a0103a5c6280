/** The admin paths of the local COS. */
export { adminApp, type AdminOptions } from "./app.ts"
export type { Admin } from "./port.ts"
export { prefix } from "./routes.ts"
