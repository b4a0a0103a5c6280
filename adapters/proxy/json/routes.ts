/** What the JSON door answers, as data: requests are told apart by it, and OpenAPI and the reference page are made of it. */
import type { OperationName } from "../operation.ts"
import type { ProblemName } from "../problems.ts"
import type { ShapeName } from "./shapes.ts"

export interface Route {
  readonly method: "GET" | "PUT" | "POST" | "DELETE"
  /** Its segments are text as it is, or `{bucket}` and `{id}`. */
  readonly path: string
  readonly summary: string
  readonly about: string
  /** As logs, metrics and policies call it. */
  readonly operation: OperationName
  /** Needs no token: it tells nothing of the policy. */
  readonly isOpen?: true
  readonly query: ReadonlyArray<QueryName>
  readonly conditions: ReadonlyArray<ConditionName>
  readonly body?: ShapeName
  readonly answers: Readonly<Record<number, Answer>>
  readonly problems: ReadonlyArray<ProblemName>
}

export interface Answer {
  readonly about: string
  /** In JSON, unless `type` says otherwise; none where the answer has no body. */
  readonly shape?: ShapeName
  readonly type?: string
  readonly headers?: ReadonlyArray<AnswerHeader>
}

export const queryParameters = {
  cursor: "Where to go on: `next` of the answer before",
  bucket: "The bucket that the rules are judged in",
} as const
export type QueryName = keyof typeof queryParameters

export const conditionHeaders = {
  "If-Match":
    "Only if the rule has one of these ETags, or `*` if there is one at all; the rule is read right before, since COS has no conditional write",
  "If-None-Match":
    "Only if the rule has none of these ETags, or `*` if there is none at all; the rule is read right before a write, since COS has no conditional write",
} as const
export type ConditionName = keyof typeof conditionHeaders

export const answerHeaders = {
  ETag: "What the rule means, in short: it is another one as soon as COS would do something else",
  Link: '`rel="next"`: the next page, where there is one',
  Location: "Where the rule is",
} as const
export type AnswerHeader = keyof typeof answerHeaders

const bucketRules = "/v1/buckets/{bucket}/inventories"
const oneRule = `${bucketRules}/{id}`

const always: ReadonlyArray<ProblemName> = [
  "request-invalid",
  "unauthenticated",
  "token-unknown",
  "limited",
  "keys-unreachable",
]
const ofCos: ReadonlyArray<ProblemName> = [
  "denied",
  "cos-refused",
  "cos-unreachable",
  "cos-unanswered",
  "cos-timeout",
  "cos-unexpected",
  "proxy-failed",
  "proxy-misconfigured",
]
const ofBody: ReadonlyArray<ProblemName> = ["body-type", "body-too-large", "body-unreadable"]
const ofCondition: ReadonlyArray<ProblemName> = ["read-needed", "changed"]

export const routes = {
  listBuckets: {
    method: "GET",
    path: "/v1/buckets",
    summary: "The buckets of the caller",
    about: "Every bucket of which the caller may do anything at all, with its region. COS is not asked.",
    operation: "GetService",
    query: [],
    conditions: [],
    answers: { 200: { about: "The buckets", shape: "Buckets" } },
    problems: always,
  },
  listInventories: {
    method: "GET",
    path: bucketRules,
    summary: "One page of the rules of a bucket",
    about:
      "In the order in which they were made, those alone that the caller may list; a page may thus hold few or none " +
      "and still not be the last. The next page is at `Link`, and by `next`.",
    operation: "ListBucketInventory",
    query: ["cursor"],
    conditions: [],
    answers: { 200: { about: "A page of rules", shape: "Inventories", headers: ["Link"] } },
    problems: [...always, ...ofCos],
  },
  getInventory: {
    method: "GET",
    path: oneRule,
    summary: "One rule",
    about: "The document that `cos-inventory get -o json` prints. PUT takes it back.",
    operation: "GetBucketInventory",
    query: [],
    conditions: ["If-None-Match"],
    answers: {
      200: { about: "The rule", shape: "Inventory", headers: ["ETag"] },
      304: { about: "The caller has it already", headers: ["ETag"] },
    },
    problems: [...always, ...ofCos],
  },
  putInventory: {
    method: "PUT",
    path: oneRule,
    summary: "Create or replace a rule",
    about: "The rule is judged as `cos-inventory put` judges it, and refused with every finding before COS is asked. " +
      "What is sent to COS is written anew from what was read. Without a condition nothing is read before, so that " +
      "nobody knows whether a rule was replaced.",
    operation: "PutBucketInventory",
    query: [],
    conditions: ["If-Match", "If-None-Match"],
    body: "RuleBody",
    answers: {
      200: { about: "COS took the rule", shape: "Inventory", headers: ["ETag"] },
      201: {
        about: "COS took the rule, and had none by this id right before",
        shape: "Inventory",
        headers: ["ETag", "Location"],
      },
    },
    problems: [...always, ...ofBody, "rules-invalid", ...ofCondition, ...ofCos],
  },
  deleteInventory: {
    method: "DELETE",
    path: oneRule,
    summary: "Delete a rule",
    about: "A rule that is not there is deleted already.",
    operation: "DeleteBucketInventory",
    query: [],
    conditions: ["If-Match", "If-None-Match"],
    answers: { 204: { about: "There is no such rule any more" } },
    problems: [...always, ...ofCondition, ...ofCos],
  },
  runInventory: {
    method: "POST",
    path: `${oneRule}/run`,
    summary: "Run a one-time inventory",
    about: "An id can be used once a day, and not while a rule has it. COS has no way to ask how a job is doing: its " +
      "manifest appears when it is done.",
    operation: "PostBucketInventory",
    query: [],
    conditions: [],
    body: "JobBody",
    answers: { 202: { about: "COS took the job", shape: "Started" } },
    problems: [...always, ...ofBody, "rules-invalid", ...ofCos],
  },
  lint: {
    method: "POST",
    path: "/v1/lint",
    summary: "Judge rules",
    about: "What is to be said of a rule, a list of rules, or a rules document, without COS: errors, by which PUT " +
      "refuses, and advice. They are judged in the bucket of the query, else in those of the caller's that the document " +
      "names, else in the caller's only one. Rules beside each other are judged by `cos-inventory lint`.",
    operation: "Lint",
    query: ["bucket"],
    conditions: [],
    body: "RulesFile",
    answers: { 200: { about: "What is to be said of them, also where they are wrong", shape: "Judgement" } },
    problems: [...always, ...ofBody, "denied"],
  },
  plan: {
    method: "POST",
    path: "/v1/plan",
    summary: "Hold rules against a bucket",
    about:
      "The plan that `cos-inventory plan -o json` prints for one bucket, for review only: it does not say at which " +
      "address it was made, so that `cos-inventory apply` wants one of `cos-inventory plan`. Nothing is written. The " +
      "caller must list every rule of the bucket.",
    operation: "Plan",
    query: [],
    conditions: [],
    body: "PlanBody",
    answers: { 200: { about: "The plan", shape: "Plan" } },
    problems: [...always, ...ofBody, "rules-invalid", "list-partial", ...ofCos],
  },
  openapi: {
    method: "GET",
    path: "/openapi.json",
    summary: "This interface as OpenAPI 3.1",
    about: "Made from the same table and the same schemas as the answers.",
    operation: "OpenApi",
    isOpen: true,
    query: [],
    conditions: [],
    answers: { 200: { about: "The description", shape: "OpenApi" } },
    problems: ["request-invalid", "limited"],
  },
  docs: {
    method: "GET",
    path: "/docs",
    summary: "This interface for people",
    about: "One page that needs nothing else.",
    operation: "Docs",
    isOpen: true,
    query: [],
    conditions: [],
    answers: { 200: { about: "The page", type: "text/html" } },
    problems: ["request-invalid", "limited"],
  },
} as const satisfies Readonly<Record<string, Route>>

export type RouteName = keyof typeof routes

/** The same for whoever looks at all of them alike. */
export const routeOf = (name: RouteName): Route => routes[name]
export const routeNames = Object.keys(routes) as ReadonlyArray<RouteName>
