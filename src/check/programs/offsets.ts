/** Numbers are drawn from eighths, so that counterexamples read well. */
export const fineness = 8;

/**
 * Elements are moved off kinks at round numbers by an odd part of the grid, each by another one: no two elements of a
 * point are tied, whatever is drawn.
 */
export function offsetOf(leaf: number, position: number): number {
  return 8 / 37 + (leaf % 16) / 41 + (position % 64) / 521;
}
