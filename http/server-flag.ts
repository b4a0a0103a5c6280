/** A flag of a program that serves, for the parsers of both of its doors. */
export interface ServerFlag {
  readonly name: string
  /** What stands for its value; a flag without one is there or not. */
  readonly value?: string
  readonly isRepeatable?: boolean
  readonly description: string
}
