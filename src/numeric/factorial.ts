/** n! in binary64, for small whole n. */
export function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}

/** n (n - 1) ... (n - k + 1), k factors: n! over (n - k)!, also of an n whose factorial overflows. */
export function fallingFactorial(n: number, k: number): number {
  return k < 1 ? 1 : n * fallingFactorial(n - 1, k - 1);
}
