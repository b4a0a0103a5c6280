/** The proxy as a program: what its flags mean, what it says, until its scope closes. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import { hashes } from "../adapters/hashes/node.ts"
import { Watch } from "../adapters/hono/watch.ts"
import { openProxy, proxyLog } from "../adapters/proxy/mod.ts"
import { counted } from "../core/counted.ts"
import { ConfigError, type InvalidInput } from "../core/errors.ts"
import { isLoopback } from "../core/host.ts"
import type { Policy } from "../core/policy/mod.ts"
import { hangups } from "./followed-file.ts"
import { lineWriter } from "./line-writer.ts"
import { listen, type ListenError } from "./listen.ts"
import { type Notice, noticeLines, noticeOf, notifyOf } from "./notice.ts"
import type { ProxyFlags } from "./proxy-flags.ts"
import { proxyKeys } from "./proxy-keys.ts"
import { type ProxyOptions, readProxyOptions } from "./proxy-options.ts"
import { isFollowed, namesOf, proxyPolicy, sizeOf } from "./proxy-policy.ts"
import { proxySecret } from "./proxy-secret.ts"
import { proxySettingsText } from "./proxy-settings.ts"
import type { Print } from "./serve-local.ts"
import { standardError } from "./standard-error.ts"
import { originHere } from "./server-options.ts"

export interface ProxyPrint extends Print {
  /** `err` is this process's standard error, to which lines can be written so that those that are lost are known. */
  readonly isItsOwn?: boolean
}

/** Serves until its scope closes; then requests that are under way may end. */
export const serveProxy = (
  flags: ProxyFlags,
  environment: Readonly<Record<string, string | undefined>>,
  print: ProxyPrint,
): Effect.Effect<never, ConfigError | InvalidInput | ListenError, Scope.Scope> =>
  Effect.gen(function* () {
    const options = yield* Effect.fromResult(readProxyOptions(flags, environment))
    const isJson = options.log === "json"
    const lostLine = (count: number) => noticeLines("warn", lostOf(count), isJson).join("\n")
    const err = print.isItsOwn === true ? lineWriter(standardError(), { lostLine }) : print.err
    const notice = noticeOf(err, isJson)
    return yield* served(options, environment, { ...print, err }, notice).pipe(
      Effect.provide([noted(notice), yield* tracing(environment)]),
    )
  })

const lostOf = (count: number): string =>
  `${counted(count, "line")} before this could not be written and ${count === 1 ? "is" : "are"} lost`

const served = (
  options: ProxyOptions,
  environment: Readonly<Record<string, string | undefined>>,
  print: Print,
  notice: Notice,
): Effect.Effect<never, ConfigError | InvalidInput | ListenError, Scope.Scope> =>
  Effect.gen(function* () {
    const { host, port, log, drainSeconds } = options
    let reloadFailed: (what: "policy" | "keys") => void = () => {}
    const read = yield* Effect.all([
      proxyPolicy(options.policy, notice, () => reloadFailed("policy")),
      proxyKeys(options, environment, notice, () => reloadFailed("keys")),
      proxySecret(options.secretFile, environment["COS_PROXY_SECRET"]),
    ], { mode: "result" })
    tellFurther(read, notice)
    const [policy, credentials, secret] = yield* Effect.fromResult(Result.all(read))
    if (policy().principals.length === 0 && !isLoopback(host)) return yield* nobody
    if (!isFollowed(options.policy) && options.keys === undefined) yield* saidToHangups(notice)
    let isDraining = false
    const watched = Effect.provideService(Watch, {
      onRequest: log === "off" ? () => {} : proxyLog({ write: print.err, form: log }),
      onDefect: notice.error,
    })
    const app = yield* openProxy({
      policy,
      hashes,
      audit: print.err,
      credentials,
      notice: notifyOf(notice),
      onOpen: (failed) => {
        reloadFailed = failed
      },
      isDraining: () => isDraining,
      ...(secret === undefined ? {} : { secret }),
    }).pipe(watched)
    const listening = yield* watched(
      listen({
        app,
        host,
        port,
        // Of the policy that counts when the door closes
        get graceMillis() {
          return policy().timeoutSeconds * 1000
        },
        keepAliveMillis,
        maxConnections,
        newCallId,
      }),
    )
    const origin = originHere(host, listening)
    // Before the door closes, so that whoever spreads requests over proxies can see it
    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        isDraining = true
        notice.info(
          `Stopping: /readyz says so${drainSeconds > 0 ? `, for ${drainSeconds}s before the door closes` : ""}`,
        )
        return Effect.sleep(`${drainSeconds} seconds`)
      })
    )
    print.out(`Proxy ready at ${origin} with ${sizeOf(policy())}, COS at ${policy().endpoint ?? "its own hosts"}`)
    for (const note of notes(policy(), host)) notice.info(note)
    for (const warning of secret === undefined ? keyless(policy()) : []) notice.warn(warning)
    const settings = proxySettingsText({ origin, policy: policy(), cli: print.cli })
    if (settings !== "") print.out(`\n${settings}`)
    return yield* Effect.never
  })

/** Longer than the minute for which load balancers keep theirs. */
const keepAliveMillis = 75_000
/** Many more than requests, since most are idle. This project's own. */
const maxConnections = 4_000

/** Whoever mends one setting should not learn of the next one only then. The first is told by how the program ends. */
const tellFurther = (settings: ReadonlyArray<Result.Result<unknown, { readonly message: string }>>, notice: Notice) => {
  const faults = settings.flatMap((one) => Result.isFailure(one) ? [one.failure] : [])
  for (const { message } of faults.slice(1)) notice.error(message)
}

/** SIGHUP, which would end the program where nobody listens, for one with no file to read again. */
const saidToHangups = (notice: Notice): Effect.Effect<unknown, never, Scope.Scope> =>
  Effect.flatMap(hangups, (wasTold) =>
    Effect.forkScoped(Effect.forever(Effect.map(
      wasTold(aDay),
      (isTold) =>
        isTold &&
        notice.info("There is nothing to read again: neither the policy nor the keys are a file"),
    ))))
const aDay = 24 * 60 * 60 * 1000

const newCallId = () => crypto.randomUUID()

/** Spans go to whoever collects them; loaded where there is somebody. */
const tracing = (environment: Readonly<Record<string, string | undefined>>) =>
  (environment["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? "") === "" ? Effect.succeed(Layer.empty) : Effect.gen(function* () {
    const { layerOtlp, readOtlpOptions } = yield* Effect.promise(() => import("../adapters/otlp.ts"))
    const options = yield* Effect.fromResult(readOtlpOptions(environment))
    return options === undefined ? Layer.empty : Layer.orDie(layerOtlp(options))
  })

/** What other parts log, such as keys that could not be refreshed. */
const noted = (notice: Notice) =>
  Logger.layer([
    Logger.make<unknown, void>(({ message, logLevel }) =>
      notice[logLevel === "Warn" ? "warn" : "info"]([message].flat().map(String).join(" "))
    ),
  ])

const notes = ({ principals }: Policy, host: string): ReadonlyArray<string> => [
  ...(principals.length === 0 ? ["Nobody may do anything until the policy names a principal"] : []),
  ...(isLoopback(host) ? [] : ["Other machines reach this proxy without TLS, which belongs in front of it"]),
]

const keyless = ({ principals }: Policy): ReadonlyArray<string> => {
  const names = principals.filter(({ keys }) => keys.length > 0).map(({ name }) => name)
  return names.length === 0 ? [] : [
    `Without COS_PROXY_SECRET or --secret-file every virtual key of the policy is refused: those of ${namesOf(names)}`,
  ]
}

const nobody = new ConfigError({
  source: "policy",
  problem: "The policy names no principal, so that nobody could be told from anybody",
  fix: "Add one to principals, or listen on loopback alone to try",
})
