/** Where findings about a snapshot send their reader. */
export const documented = "the form of a snapshot in the README"
