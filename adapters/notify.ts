/** Takes a line for whoever runs the program. It is for information unless its level says more. */
export type Notify = (line: string, level?: "info" | "warn") => void
