import { LimitError } from "../ir/errors.ts";

/** Entries of a Hessian as blocks: 2 GiB of numbers. */
const mostEntries = 2 ** 28;

/** Throws LimitError where the Hessian in so many numbers has more entries than are kept. */
export function requireFewEntries(n: number): void {
  if (n ** 2 <= mostEntries) return;
  throw new LimitError(
    `the Hessian in ${n.toLocaleString("en")} numbers has ${(n * n).toLocaleString("en")} entries; the limit is ${mostEntries.toLocaleString("en")}.`,
    {
      notes: ['Products with it need no entries: "hvp". Where most entries are 0, take sparseHessian of nabla/sparse.'],
    },
  );
}
