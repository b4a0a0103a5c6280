export interface Step {
  readonly name: string
  readonly run: (world: World) => Promise<void>
}

/** What a step is given; `world.mjs` says what is in it. */
export type World = Readonly<Record<string, unknown>>

export interface Setting {
  /** The SDK, as `require` gives it. */
  readonly Cos: unknown
  readonly origin: string
  readonly key: { readonly secretId: string; readonly secretKey: string }
  /** The bucket of requests that name none. */
  readonly bucket: string
  readonly region: string
  /** An empty folder for files. */
  readonly folder: string
}

export const makeWorld: (setting: Setting) => World
export const steps: ReadonlyArray<Step>
/** For a world with a key `temporary` that has a session token. */
export const tokenSteps: ReadonlyArray<Step>
