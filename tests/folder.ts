/** Files in a folder of their own, which is gone when a test is over, however it ends. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

/** A path in the folder; the folder itself without any name. */
export type At = (...names: ReadonlyArray<string>) => string

export const withFiles = async <A>(
  files: Readonly<Record<string, string | Uint8Array>>,
  body: (at: At) => Promise<A>,
): Promise<A> => {
  const folder = await mkdtemp(join(tmpdir(), "cos-inventory-"))
  try {
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, name)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, content)
    }
    return await body((...names) => join(folder, ...names))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
