/** A program in several spellings, with its inputs, and its loss, gradient and product with the Hessian along a direction. */
export interface ProgramRow {
  readonly name: string;
  readonly texts: readonly string[];
  readonly params: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: readonly number[] }>>;
  readonly data: Readonly<Record<string, never>>;
  readonly loss: number;
  readonly direction: ByName;
  readonly gradient: ByName;
  readonly hvp: ByName;
}

type ByName = Readonly<Record<string, readonly number[]>>;

/** The files of rows beside this one. */
export const programFiles = [
  "programs.json",
  "applied.json",
  "families.json",
  "log-space.json",
  "posteriors.json",
  "simulations.json",
  "likelihoods.json",
  "fits.json",
] as const;

/** The data of a row that a spelling has names for. */
export function dataFor(row: ProgramRow, names: Iterable<string>): Record<string, never> {
  const known = new Set(names);
  return Object.fromEntries(Object.entries(row.data).filter(([name]) => known.has(name)));
}

/** Vectors of a row in the order of a model's parameters. */
export function packedFor(row: ProgramRow, names: readonly string[]) {
  const packed = (values: ByName) => Float64Array.from(names.flatMap((name) => values[name]!));
  return { direction: packed(row.direction), gradient: packed(row.gradient), hvp: packed(row.hvp) };
}

/** The largest difference, in units of the largest entry where that is above 1. */
export const deviation = (got: Float64Array, wanted: Float64Array): number =>
  Math.max(...wanted.map((value, k) => Math.abs(got[k]! - value))) / Math.max(1, ...wanted.map(Math.abs));
