/** Every command under its name and group. A command is loaded when the arguments can mean it. */
import * as Effect from "effect/Effect"

const groups = {
  Rules: {
    get: () => import("./get.ts").then((m) => m.get),
    list: () => import("./list.ts").then((m) => m.list),
    put: () => import("./put.ts").then((m) => m.put),
    delete: () => import("./delete.ts").then((m) => m.remove),
    enable: () => import("./switch.ts").then((m) => m.enable),
    disable: () => import("./switch.ts").then((m) => m.disable),
    run: () => import("./run.ts").then((m) => m.run),
  },
  "Rules as code": {
    lint: () => import("./lint.ts").then((m) => m.lint),
    diff: () => import("./diff.ts").then((m) => m.diff),
    plan: () => import("./plan.ts").then((m) => m.plan),
    apply: () => import("./apply.ts").then((m) => m.apply),
    export: () => import("./export.ts").then((m) => m.exportRules),
    copy: () => import("./copy.ts").then((m) => m.copy),
  },
  Files: {
    new: () => import("./new.ts").then((m) => m.make),
    validate: () => import("./validate.ts").then((m) => m.validate),
    fmt: () => import("./fmt.ts").then((m) => m.fmt),
    schema: () => import("./schema.ts").then((m) => m.schema),
  },
  Around: {
    buckets: () => import("./buckets.ts").then((m) => m.buckets),
    sign: () => import("./sign.ts").then((m) => m.sign),
    config: () => import("./config.ts").then((m) => m.config),
    local: () => import("./local.ts").then((m) => m.local),
    proxy: () => import("./proxy.ts").then((m) => m.proxy),
    policy: () => import("./policy.ts").then((m) => m.policy),
  },
} as const

type Loaders = { readonly [name: string]: () => Promise<Loaded> }
type Loaded = {
  [G in keyof typeof groups]: (typeof groups)[G] extends infer Commands
    ? Awaited<ReturnType<Extract<Commands[keyof Commands], () => unknown>>>
    : never
}[keyof typeof groups]

/** The commands whose names stand among the arguments; all of them where none does, as for `--help`. */
export const commandsFor = (args: ReadonlyArray<string>) =>
  Effect.promise(async () => {
    const isNamed = Object.values(groups).some((commands) => Object.keys(commands).some((name) => args.includes(name)))
    const loaded = await Promise.all(
      Object.entries(groups).map(async ([group, commands]) => ({
        group,
        commands: await Promise.all(
          Object.entries(commands as Loaders).filter(([name]) => !isNamed || args.includes(name)).map(([, load]) =>
            load()
          ),
        ),
      })),
    )
    return loaded.filter(({ commands }) => commands.length > 0)
  })
