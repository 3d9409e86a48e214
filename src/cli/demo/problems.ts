type Inputs = Readonly<Record<string, unknown>>;

/** A point at which a problem is evaluated, and what is known of it from elsewhere. */
export interface DemoPoint {
  readonly name: string;
  readonly params: (data: Inputs) => Inputs;
  /** A loss that others have published for this point, and who. */
  readonly published?: { readonly loss: number; readonly by: string };
}

/** A model with real data. */
export interface Problem {
  readonly title: string;
  /** Files below grammar/examples. */
  readonly model: string;
  readonly data: string;
  /** What the numbers of the file become before the model sees them. */
  readonly prepare: (data: Inputs) => Inputs;
  readonly points: readonly DemoPoint[];
  readonly direction: (params: Inputs) => Inputs;
}

export const problems: readonly Problem[] = [
  {
    title: "logistic regression on the breast-cancer data: 569 x 30, standardised",
    model: "logistic.nabla",
    data: "data/breast_cancer.json",
    prepare: ({ X, y }) => ({ X: standardised(X as number[][]), y: (y as number[]).map((label) => 2 * label - 1) }),
    points: [
      {
        name: "at w = 0, b = 0",
        params: ({ X }) => ({ w: (X as number[][])[0]!.map(() => 0), b: 0 }),
        published: { loss: Math.LN2, by: "log 2" },
      },
      { name: "at w = -0.25, b = 0.5", params: ({ X }) => ({ w: (X as number[][])[0]!.map(() => -0.25), b: 0.5 }) },
    ],
    direction: ({ w }) => ({ w: (w as number[]).map((_, k) => 1 / (k + 1)), b: 1 }),
  },
  {
    title: "nonlinear regression on NIST's Thurber data: electron mobility, 37 observations, 7 parameters",
    model: "nist_thurber.nabla",
    data: "data/thurber.json",
    prepare: (data) => data,
    points: [
      { name: "at NIST's first start", params: () => ({ b: [1000, 1000, 400, 40, 0.7, 0.3, 0.03] }) },
      {
        name: "at NIST's certified parameters",
        params: () => ({
          b: [
            1.28813968e3, 1.4910792535e3, 5.8323836877e2, 7.5416644291e1, 9.6629502864e-1, 3.9797285797e-1,
            4.9727297349e-2,
          ],
        }),
        published: { loss: 5.6427082397e3, by: "NIST" },
      },
    ],
    direction: ({ b }) => ({ b: (b as number[]).map((value, k) => value / (k + 1)) }),
  },
];

/** Columns with mean 0 and variance 1. */
function standardised(rows: readonly (readonly number[])[]): number[][] {
  const count = rows.length;
  const columns = rows[0]!.map((_, j) => rows.map((row) => row[j]!));
  const scales = columns.map((column) => {
    const mean = column.reduce((sum, x) => sum + x, 0) / count;
    const variance = column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count;
    return { mean, deviation: Math.sqrt(variance) };
  });
  return rows.map((row) => row.map((x, j) => (x - scales[j]!.mean) / scales[j]!.deviation));
}
