interface Grounds {
  /** The option. */
  readonly most: number;
  /** | ||g'|| - ||g + H p|| | / ||g||: how far off the last linear model of the gradient was; NaN where there was none. */
  readonly miss: number;
  /** What may be left at most so near the end: a power of ||g'|| beside the gradient at the start. */
  readonly nearness: number;
}

/** What products of rounded numbers can leave at best, of a system that is not well conditioned. */
const exact = 1e-12;

/**
 * How exactly the next linear system is to be solved, from how well the last linear model of the gradient held. On a
 * quadratic it held, and the next system is solved to the end. A step that happened to fit does not make the next one
 * exact at once where the last was not. And the nearer the end, the more exactly: where curvatures differ by many orders
 * the flat directions are what is left then, and a rough solution does not see them.
 * Source: Eisenstat and Walker (1996), choice 1.
 */
export function nextForcing(before: number, { most, miss, nearness }: Grounds): number {
  const kept = before ** ((1 + Math.sqrt(5)) / 2);
  const next = kept > 0.1 ? Math.max(miss, kept) : miss;
  const ceiling = Math.min(most, nearness);
  return Number.isNaN(next) ? ceiling : Math.min(ceiling, Math.max(next, exact));
}
