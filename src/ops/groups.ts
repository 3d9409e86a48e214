/** So many operands are one operation; more are operations of operations, for operands are spread as arguments. */
export const widest = 10_000;

/** What an operation of any number of operands, which groups from the left, makes of a list of them. */
export function inGroups<T>(operands: readonly T[], operation: (group: readonly T[]) => T): T {
  let rest = operands;
  while (rest.length > widest) rest = [operation(rest.slice(0, widest)), ...rest.slice(widest)];
  return operation(rest);
}
