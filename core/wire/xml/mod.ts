/** Reading and writing XML as COS speaks it. */
export {
  childrenNamed,
  type Document,
  type Element,
  isElement,
  localName,
  readXml,
  readXmlWithOffsets,
  textOf,
} from "./tree.ts"
export { guard } from "./guard.ts"
export { cutterOf } from "./namespaces.ts"
export { positionAt, positionsIn, wrongRoot, xmlFinding, type XmlProblem } from "./problem.ts"
export { indentXml } from "./indent.ts"
export { container, declaration, leaf } from "./write.ts"
