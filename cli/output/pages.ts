/** The addresses of COS's documentation pages. */
export { pageOf, withAddress } from "../../core/pages.ts"
