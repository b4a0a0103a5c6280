/** This command line, from its source or as an installed program. */
export const calledAs = (): string =>
  process.argv[1]?.endsWith(".ts") === true ? "npx bun cli/main.ts" : "cos-inventory"
