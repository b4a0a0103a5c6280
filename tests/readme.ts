/** The README, and how what stands in it is run. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { type Ended, root, run } from "./process.ts"

export const readme = await readFile(join(root, "README.md"), "utf8")

export const blocks = (language: string): ReadonlyArray<string> =>
  Array.from(readme.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, "gu")), (match) => match[1]!)

export const runtime = "Deno" in globalThis
  ? `"${process.execPath}" run --allow-all --no-check`
  : `"${process.execPath}"`

/** Stand-ins for `npx bun` and `deno run` that run this very runtime, so that both are tested and none is fetched. */
const programs: Readonly<Record<string, string>> = {
  npx: `shift; exec ${runtime} "$@"`,
  deno: `shift; shift; exec ${runtime} "$@"`,
  curl: `exec ${runtime} "${join(root, "tests/curl.ts")}" "$@"`,
}

export const shell = async (
  script: string,
  env: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
): Promise<Ended> => {
  const folder = await mkdtemp(join(tmpdir(), "readme-"))
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true })
      await writeFile(join(folder, name), text)
    }
    for (const [name, body] of Object.entries(programs)) {
      await writeFile(join(folder, name), `#!/bin/sh\n${body}\n`)
      await chmod(join(folder, name), 0o755)
    }
    const atHome = script.replaceAll("cli/main.ts", `"${join(root, "cli/main.ts")}"`)
    return await run("sh", ["-ec", atHome], { cwd: folder, env: { ...env, PATH: `${folder}:${process.env["PATH"]}` } })
  } finally {
    await rm(folder, { recursive: true })
  }
}
