/** Where the form of a policy is described, as findings name it. */
export const source = "the README's policy"
