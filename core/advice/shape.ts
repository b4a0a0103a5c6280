/** Codes of what is found while a document is read, before its rules are judged; who reads it makes the findings. */
import type { Code } from "../lint/mod.ts"

const json = "the JSON form in the README"
const readme = "the rules file in the README"
const xml = "XML 1.0; limits of this project"
const own = "limits of this project"
const put = "page 30625"

const error = (code: string, why: string, source: string): Code => ({ code, severity: "error", why, source })

const warning = (code: string, why: string, source: string): Code => ({ code, severity: "warning", why, source })

export const shapeCodes: ReadonlyArray<Code> = [
  error("required", "COS refuses a rule without it", put),
  error("id-empty", "COS answers an empty id with the whole list", put),
  error("wrong-type", "A value of another form cannot be read as what it should be", json),
  error("unknown-key", "A key that nobody reads is a slip of the pen", json),
  error("repeated-key", "Of two values for a key nobody knows which is meant", "RFC 8259 and YAML 1.2"),
  error("repeated-element", "Two readers of the rule might each take another one", put),
  error("element-in-text", "An element inside a value belongs elsewhere", put),
  error("text-in-container", "Text between elements belongs to none of them", put),
  error("not-flag", "The value is neither true nor false", put),
  error("not-integer", "The value is no whole number", put),
  error("not-time", "COS counts time in epoch seconds", put),
  error("namespaces-too-long", "Elements that are kept would grow without bound", own),
  error("rules-document", "A command for one bucket does not take a document that names its own", readme),
  error("no-rules", "A document without rules is probably not the one that was meant", json),
  error("document-version", "Another version of the form may mean something else", json),
  error("document-empty", "A document without rules is probably not the one that was meant", json),
  error("document-too-large", "Readers are protected from documents without end", own),
  error("document-depth", "Readers are protected from nesting without end", own),
  error("document-aliases", "Readers are protected from aliases that unfold without end", own),
  error("document-not-utf8", "Rules are read as UTF-8", own),
  error("alias-unknown", "Text that begins with a star is an alias in YAML", "YAML 1.2"),
  error("merge-form", "A merge key merges the keys of objects, and nothing else has any", "the merge key of YAML 1.1"),
  error("key-form", "No key of a rule is a list or an object; {{ }} of a template is one to YAML", "RFC 8259"),
  error("json-syntax", "The document cannot be read", "RFC 8259"),
  error("yaml-syntax", "The document cannot be read", "YAML 1.2"),
  error("file-unreadable", "What is not read is not judged", "the file system"),
  error("bucket-form", "Rules belong to a bucket that has a full name", readme),
  error("region-form", "A bucket is reached by its region", "page 6224"),
  error("manages-form", "What a pattern does not match is never pruned", readme),
  error("rules-missing", "A file that was cut off must not look like one that wants no rules any more", readme),
  error("documents-list", "A list holds rules, not documents", json),
  error("plan-file", "A plan is for apply alone", json),
  error("default-id", "Rules cannot share an id", readme),
  error("match-form", "A pattern that no bucket can match chooses none", readme),
  warning("bucket-repeated", "A bucket that is named again was probably to be another one", readme),
  warning("buckets-empty", "The rules belong nowhere, and nothing is done with them", readme),
  error("variable-empty", "A variable without a value would be sent as it is written", readme),
  error("bucket-missing", "Rules belong to a bucket", readme),
  error("bucket-regions", "A bucket is in one region", "page 6224"),
  error("destination-prefix", "Of two prefixes nobody knows which is meant", json),
  error("variable-unknown", "A variable without a value would be sent as it is written", readme),
  error("list-truncated", "The list goes on where the document ends", "page 30627"),
  ...[
    "root",
    "empty",
    "cut",
    "mismatch",
    "depth",
    "doctype",
    "instruction",
    "encoding",
    "comment",
    "name",
    "element",
    "tag",
    "attribute",
    "reference",
    "section",
    "character",
    "outside",
    "after-root",
  ].map((what) => error(`xml-${what}`, "The document cannot be read as XML, or not by every reader alike", xml)),
]
