/** Inventory reports of the local COS: when they fall due, how they are made, and what a restart makes of them. */
export { advance, type AdvanceOptions, resume } from "./advance.ts"
export { beginRun, dueNext, nextDueOf, runsDue } from "./due.ts"
export { type ReportOptions, runReport } from "./report.ts"
