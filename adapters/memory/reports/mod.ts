/** Inventory reports of the local COS: when they fall due, how they are made, and what a restart makes of them. */
export { advance, type AdvanceOptions, resume } from "./advance.ts"
export { beginRun, type Due, dueNext, nextDueOf, runsDue } from "./due.ts"
export { type ReportOptions, runReport } from "./report.ts"
