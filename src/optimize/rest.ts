/** How long neither the loss nor the gradient has become smaller. */
export interface Rest {
  readonly steps: number;
  readonly value: number;
  readonly gradientNorm: number;
}

/** Steps without any progress that end what is remembered; twice as many end the run. */
export const mostRest = 25;

/** The same after a step that reached a loss, and a gradient of a size. */
export function restAfter({ steps, value, gradientNorm }: Rest, reached: number, size: number): Rest {
  const isLower = reached < value - 2 ** -52 * Math.abs(value);
  const isFlatter = size < gradientNorm;
  return isLower || isFlatter
    ? { steps: 0, value: Math.min(reached, value), gradientNorm: Math.min(size, gradientNorm) }
    : { steps: steps + 1, value, gradientNorm };
}
