/** JSON text: read with the places of its parts, and why it is none. */
export { type JsonFault, jsonFault } from "./fault.ts"
export { type JsonSource, readJsonText } from "./read.ts"
