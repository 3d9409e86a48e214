/** So many operands are one operation; more are operations of operations, for operands are spread as arguments. */
const widest = 1000;

/** What an operation of any number of operands, which groups from the left, makes of a list of them. */
export function inGroups<T>(operands: readonly T[], operation: (group: readonly T[]) => T): T {
  let result = operation(operands.slice(0, widest));
  for (let next = widest; next < operands.length; next += widest - 1) {
    result = operation([result, ...operands.slice(next, next + widest - 1)]);
  }
  return result;
}

/** True for a list that `inGroups` takes in several. */
export const needsGroups = ({ length }: readonly unknown[]): boolean => length > widest;
