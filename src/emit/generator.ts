/** The name of the package, wherever generated text mentions it. */
export const packageName = "nabla";

/** What callers of emitted modules rely on: names and meaning of exports, order of packed vectors. Changes with them. */
export const abiVersion = 1;
