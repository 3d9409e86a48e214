/**
 * How exactly the next linear system is to be solved, from how well the last linear model of the gradient held:
 * `miss` = | ||g'|| - ||g + H p|| | / ||g||. On a quadratic it is 0, and the next system is solved to the end. A step
 * that happened to fit does not make the next one exact at once where the last was not.
 * Source: Eisenstat and Walker (1996), choice 1.
 */
export function nextForcing(before: number, most: number, miss: number): number {
  const kept = before ** ((1 + Math.sqrt(5)) / 2);
  const next = kept > 0.1 ? Math.max(miss, kept) : miss;
  return Number.isNaN(next) ? most : Math.min(most, next);
}
