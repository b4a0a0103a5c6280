/** Findings about a snapshot, and where they send their reader. */
import { problemIn } from "../../../core/form.ts"

export const documented = "the form of a snapshot in the README"

export const problem = problemIn(documented)
