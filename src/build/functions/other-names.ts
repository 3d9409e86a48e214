// What people call functions elsewhere. A name that means exactly the same is accepted beside ours; one whose meaning
// differs from place to place, or that is written in another way here, is answered with what to write.

/** Other names of functions, from NumPy, PyTorch, JAX, Stan, Julia, R and CasADi, by ours. */
export const namesElsewhere = {
  broadcastTo: ["expand"],
  abs: ["absolute", "fabs"],
  acos: ["arccos"],
  acosh: ["arccosh"],
  argmax: ["which_max"],
  argmin: ["which_min"],
  arange: ["range"],
  asin: ["arcsin"],
  asinh: ["arcsinh"],
  atan: ["arctan"],
  atan2: ["arctan2"],
  atanh: ["arctanh"],
  ceil: ["ceiling"],
  cholesky: ["chol", "cholesky_decompose"],
  clamp: ["clip"],
  concat: ["concatenate", "cat"],
  cumprod: ["cumulative_product"],
  cumsum: ["cumulative_sum"],
  det: ["determinant"],
  digamma: ["psi"],
  div: ["divide"],
  dot: ["dot_product", "inner"],
  erfinv: ["erf_inv"],
  eigenvalues: ["eigvalsh", "eigenvalues_sym"],
  expandDims: ["unsqueeze"],
  eye: ["identity"],
  flatten: ["ravel"],
  grad: ["gradient"],
  inverse: ["inv"],
  jvp: ["jtimes"],
  lgamma: ["gammaln", "loggamma"],
  log: ["ln"],
  log1mexp: ["log1m_exp"],
  logNormalCdf: ["log_ndtr"],
  logdet: ["log_determinant", "logabsdet"],
  logaddexp: ["log_add_exp"],
  logsumexp: ["log_sum_exp"],
  max: ["maximum", "maxn", "amax"],
  mean: ["average"],
  min: ["minimum", "minn", "amin"],
  mod: ["modulo"],
  normalCdf: ["ndtr", "Phi"],
  pow: ["power"],
  prod: ["product"],
  reciprocal: ["recip"],
  select: ["where", "ifelse", "if_else"],
  sigmoid: ["expit", "inv_logit", "logistic"],
  sign: ["sgn", "signum"],
  silu: ["swish"],
  softplus: ["log1p_exp", "log1pexp"],
  square: ["sqr"],
  standardDeviation: ["std"],
  stopGradient: ["detach"],
  sub: ["subtract"],
  repeatElements: ["repeat_interleave"],
  scatterAdd: ["segment_sum"],
  takeAlongAxis: ["take_along_dim"],
  transpose: ["permute", "permute_dims"],
  swapAxes: ["swapaxes"],
  trace: ["tr"],
  trunc: ["truncate", "fix"],
  variance: ["var"],
  xlogy: ["multiply_log"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** What to write for names that are not taken, because they mean different things in different places, or are no function here. */
export const advice: Readonly<Record<string, string>> = {
  beta: 'Write "lgamma(x) + lgamma(y) - lgamma(x + y)" for its logarithm.',
  binary_cross_entropy: 'Write "mean(softplus(z) - y * z)" for scores z and labels y of 0 and 1.',
  bce: 'Write "mean(softplus(z) - y * z)" for scores z and labels y of 0 and 1.',
  celu: 'Write "if x > 0 then x else a * expm1(x / a)".',
  cot: 'Write "1 / tan(x)".',
  coth: 'Write "1 / tanh(x)".',
  cross_entropy: 'Write "-mean(i: logSoftmax(Z, axis = 1)[i, label[i]])" for rows of scores Z.',
  csc: 'Write "1 / sin(x)".',
  deg2rad: 'Write "x * pi / 180".',
  eig: 'Write "eigh(A)" for a symmetric matrix; other matrices have complex eigenvalues, which there are none of here.',
  fmax: 'Write "max(x, y)": a NaN stays a NaN.',
  fmin: 'Write "min(x, y)": a NaN stays a NaN.',
  embedding: 'Write "table[rows]", or "take(table, rows)".',
  gamma: 'Write "exp(lgamma(x))" for x > 0.',
  hard_sigmoid: 'Write "clamp(x / 6 + 0.5, 0, 1)".',
  hardtanh: 'Write "clamp(x, -1, 1)".',
  huber_loss: 'Write "mean(huber(x - y, 1))".',
  kl_div: 'Write "sum(xlogy(p, p) - xlogy(p, q))".',
  gather:
    'Write "take(x, rows)" for whole rows, "takeAlongAxis(x, positions)" for a position of its own for each element.',
  heaviside: 'Write "step(x)", which is 0 at 0, or "if x > 0 then 1 else if x < 0 then 0 else h".',
  hstack: 'Write "concat(x, y, axis = 1)", or without the axis for vectors.',
  lse: 'Write "logsumexp(x)".',
  mse: 'Write "mean((x - y)^2)".',
  mse_loss: 'Write "mean((x - y)^2)".',
  len: 'Name the size where the array is declared, "x: [n]", and use n.',
  length: 'Name the size where the array is declared, "x: [n]", and use n.',
  log_diff_exp: 'Write "x + log1mexp(y - x)" for log(e^x - e^y).',
  lstsq: 'Write "solveTriangular(qr(X).r, qr(X).q\' @ y, lower = false)" for the least squares of X @ b - y.',
  multiply: 'Write "x * y" element by element, "X @ w" for the matrix product.',
  pinv: 'Write "solve(A, b)" for square systems, "solve(X\' @ X, X\' @ y)" or qr for least squares.',
  rad2deg: 'Write "x * 180 / pi".',
  rand: 'Write "uniform(key, [n])": a whole number as key makes the same numbers each time.',
  randn: 'Write "normal(key, [n])": a whole number as key makes the same numbers each time.',
  relu6: 'Write "clamp(x, 0, 6)".',
  rem: 'Write "mod(x, y)" for the remainder with the sign of y, "fmod(x, y)" for that of x.',
  remainder: 'Write "mod(x, y)" for the remainder with the sign of y, "fmod(x, y)" for that of x.',
  repeat:
    'Write "tile(x, 3)" for the whole array three times over, "repeatElements(x, 3)" for each element three times.',
  sec: 'Write "1 / cos(x)".',
  sd: 'Write "standardDeviation(x)", which divides by n, or "standardDeviation(x, correction = 1)", which divides by n - 1.',
  shape: 'Name the sizes where the array is declared, "X: [n, d]", and use n and d.',
  size: 'Name the size where the array is declared, "x: [n]", and use n.',
  stddev:
    'Write "standardDeviation(x)", which divides by n, or "standardDeviation(x, correction = 1)", which divides by n - 1.',
  stdev:
    'Write "standardDeviation(x)", which divides by n, or "standardDeviation(x, correction = 1)", which divides by n - 1.',
  sumsqr: 'Write "sum(x^2)".',
  svd: 'Write "eigh(A\' @ A)": its values are the squares of the singular values, its vectors the right singular vectors.',
  view: 'Write "reshape(x, [n, d])".',
  vmap: 'Write an iterator: "[x in X: f(x)]".',
  vstack: 'Write "stack(x, y)" for vectors, "concat(A, B)" for matrices.',
};

/** The constants as others spell them, with ours. A name that means something else elsewhere is none. */
export const constantsElsewhere: Readonly<Record<string, string>> = {
  True: "true",
  False: "false",
  PI: "pi",
  Pi: "pi",
  π: "pi",
  Inf: "inf",
  Infinity: "inf",
  infinity: "inf",
  NaN: "nan",
};

/** What to write for names of numbers. They stay free, for they are common as names of sizes and parameters. */
export const numberAdvice: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ["np", "numpy", "jnp", "jax", "torch", "nn", "F", "tf", "scipy", "math", "Math", "linalg", "random"].map(
      (library) => [library, `Functions stand by themselves: write "exp(x)", not "${library}.exp(x)".`],
    ),
  ),
  e: 'Write "exp(1)" for the number, "exp(x)" for its powers.',
  euler: 'Write "exp(1)" for the number, "exp(x)" for its powers.',
  tau: 'Write "2 * pi".',
  None: "There is no such value: a default stands in the declaration.",
  null: "There is no such value: a default stands in the declaration.",
};

const oursByOther: ReadonlyMap<string, string> = new Map(
  Object.entries(namesElsewhere).flatMap(([ours, others]) => others.map((other): [string, string] => [other, ours])),
);

/** Our name of what is called `name` elsewhere. */
export function ourName(name: string): string | undefined {
  return oursByOther.get(name);
}

/** Every name that is taken beside ours. */
export function otherNames(): Iterable<string> {
  return oursByOther.keys();
}

/** A name as other styles spell it: log_softmax and logsoftmax for logSoftmax. */
export function spellingsOf(name: string): string[] {
  const words = name.split(/(?=\p{Lu})/u).map((word) => word.toLowerCase());
  return words.length > 1 ? [words.join("_"), words.join("")] : [];
}
