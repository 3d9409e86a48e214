/** So far out on either side a function is asked what it ends in. */
const far = 1e100;

/** The ends at which a function falls off as |x|^-order, or faster. */
export function vanishingEnds(f: (x: number) => number, order: number): readonly number[] {
  return [-far, far].filter((x) => Math.abs(f(x)) < 2 * far ** -order);
}
