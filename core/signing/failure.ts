/** Why a signature was not accepted, and what COS answers then. */

export type VerifyFailure =
  /** There is no signature: the request is anonymous. */
  | { readonly _tag: "Missing" }
  | {
    readonly _tag: "Malformed"
    /** `authorization`, `sign`, or one of the seven fields. The value is kept out: it may be a secret in the wrong place. */
    readonly field: string
    readonly problem: "missing" | "repeated" | "unsupported" | "unreadable"
  }
  /** Without the id: people swap it with their secret key. */
  | { readonly _tag: "UnknownKey" }
  | { readonly _tag: "Expired"; readonly end: number; readonly now: number }
  | { readonly _tag: "TooSkewed"; readonly start: number; readonly now: number }
  | { readonly _tag: "Token"; readonly problem: "missing" | "wrong" }
  | {
    readonly _tag: "Mismatch"
    /** What the server computed; both without any session token. */
    readonly stringToSign: string
    readonly formatString: string
  }

export interface Refusal {
  readonly code: string
  readonly message: string
}

/** What COS says for each. Its statuses stand in `core/codes.ts`. */
export const refusals: Readonly<Record<VerifyFailure["_tag"], Refusal>> = {
  /** Code and message as captured (cos-nodejs-sdk-v5 issue 29 and others). */
  Missing: { code: "AccessDenied", message: "Access Denied." },
  /** Assumed: the wording is documented by nobody. */
  Malformed: { code: "InvalidArgument", message: "The Authorization you specified is invalid." },
  /** Code from page 7730; wording assumed. */
  UnknownKey: { code: "InvalidAccessKeyId", message: "The Access Key Id you provided does not exist in our records." },
  /** Captured (cos-php-sdk-v5 pull request 153); the 403 guide, page 40105, agrees. */
  Expired: { code: "AccessDenied", message: "Request has expired" },
  /** Code from page 7730; wording assumed. */
  TooSkewed: {
    code: "RequestTimeTooSkewed",
    message: "The difference between the request time and the server's time is too large.",
  },
  /** Assumed: no page says what a wrong or absent token is answered with. */
  Token: { code: "InvalidAccessKeyId", message: "The Access Key Id or the security token you provided is invalid." },
  /** Captured (PicGo issue 638). */
  Mismatch: { code: "SignatureDoesNotMatch", message: "The Signature you specified is invalid." },
}
