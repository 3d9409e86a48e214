/** Numbers from -1 to 1 on a grid of hundredths, the same for one seed. */
export const numbers = (count: number, seed: number): Float64Array =>
  Float64Array.from({ length: count }, (_, k) => (((k + seed) * 7919) % 201) / 100 - 1);
