type Inputs = Readonly<Record<string, unknown>>;

/** A point at which a problem is evaluated, and what is known of it from elsewhere. */
export interface DemoPoint {
  readonly name: string;
  readonly params: Inputs;
  /** A loss that others have published for this point, and who. */
  readonly published?: { readonly loss: number; readonly by: string };
}

/** A model with real data. */
export interface Problem {
  readonly title: string;
  /** Files below grammar/examples. */
  readonly model: string;
  readonly file: string;
  /** What `nabla fit` is told of the data, after the file's name stands in the place of FILE. */
  readonly data: readonly string[];
  /** What else it is told. */
  readonly fit: readonly string[];
  readonly points: readonly DemoPoint[];
  /** What Hessians are multiplied by. */
  readonly direction: { readonly values: Inputs; readonly says: string };
}

const measures = 30;
const filled = (value: (k: number) => number) => Array.from({ length: measures }, (_, k) => value(k));

const certified = [
  1.28813968e3, 1.4910792535e3, 5.8323836877e2, 7.5416644291e1, 9.6629502864e-1, 3.9797285797e-1, 4.9727297349e-2,
];

export const problems: readonly Problem[] = [
  {
    title: "logistic regression on the breast-cancer data: 569 x 30, standardised",
    model: "logistic.nabla",
    file: "data/breast_cancer.csv",
    data: ["--data=y=FILE:diagnosis", "--labels=diagnosis=malignant:-1,benign:1", "--data=FILE", "--standardise=X"],
    fit: ["--likelihood=mean"],
    points: [
      { name: "at w = 0, b = 0", params: { w: filled(() => 0), b: 0 }, published: { loss: Math.LN2, by: "log 2" } },
      { name: "at w = -0.25, b = 0.5", params: { w: filled(() => -0.25), b: 0.5 } },
    ],
    direction: { values: { w: filled((k) => -0.25 / (k + 1)), b: 1 }, says: "v: w[k] = -0.25 / (k + 1), b = 1" },
  },
  {
    title: "nonlinear regression on NIST's Thurber data: electron mobility, 37 observations, 7 parameters",
    model: "nist_thurber.nabla",
    file: "data/thurber.json",
    data: ["--data=FILE"],
    fit: [],
    points: [
      { name: "at NIST's first start", params: { b: [1000, 1000, 400, 40, 0.7, 0.3, 0.03] } },
      {
        name: "at NIST's certified parameters",
        params: { b: certified },
        published: { loss: 5.6427082397e3, by: "NIST" },
      },
    ],
    direction: {
      values: { b: certified.map((value, k) => value / (k + 1)) },
      says: "v: b[k] = certified[k] / (k + 1)",
    },
  },
];
