// What people call functions elsewhere. A name that means exactly the same is accepted beside ours; one whose meaning
// differs from place to place, or that is written in another way here, is answered with what to write.

/** Other names of functions, from NumPy, PyTorch, JAX, Stan, Julia, R and CasADi, by ours. */
export const namesElsewhere = {
  besselI: ["iv", "modified_bessel_first_kind"],
  besselI0e: ["i0e"],
  besselI1e: ["i1e"],
  besselJ: ["jv", "jn", "bessel_first_kind"],
  besselK: ["kn", "kv", "modified_bessel_second_kind"],
  besselK0e: ["k0e"],
  besselK1e: ["k1e"],
  besselY: ["yn", "yv", "bessel_second_kind"],
  betainc: ["inc_beta"],
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
  concat: ["concatenate", "cat", "vcat", "vertcat"],
  cumprod: ["cumulative_product"],
  cumsum: ["cumulative_sum"],
  det: ["determinant"],
  digamma: ["psi"],
  div: ["divide"],
  dot: ["dot_product", "inner"],
  ellipe: ["ellipticE"],
  ellipk: ["ellipticK"],
  erfinv: ["erf_inv"],
  expint: ["expn"],
  expint1: ["exp1"],
  expintEi: ["expi", "expinti"],
  eigenvalues: ["eigvalsh", "eigenvalues_sym"],
  expandDims: ["unsqueeze"],
  eye: ["identity", "identity_matrix"],
  flatten: ["ravel"],
  gammainc: ["gamma_p", "igamma"],
  gammaincc: ["gamma_q", "igammac"],
  grad: ["gradient"],
  inverse: ["inv", "inverse_spd"],
  jvp: ["jtimes"],
  lambertw: ["lambert_w0", "lambertW0"],
  lgamma: ["gammaln", "loggamma"],
  log: ["ln"],
  log1mexp: ["log1m_exp"],
  logNormalCdf: ["log_ndtr", "std_normal_lcdf"],
  logdet: ["log_determinant", "logabsdet"],
  logaddexp: ["log_add_exp"],
  logsumexp: ["log_sum_exp"],
  logBeta: ["lbeta"],
  logSigmoid: ["log_inv_logit"],
  rsqrt: ["inv_sqrt"],
  diag: ["diag_matrix"],
  matmul: ["mm", "mv", "bmm"],
  max: ["maximum", "maxn", "amax"],
  mean: ["average"],
  min: ["minimum", "minn", "amin"],
  mod: ["modulo"],
  normalCdf: ["ndtr", "Phi"],
  pow: ["power"],
  prod: ["product"],
  reciprocal: ["recip"],
  reverse: ["reversed"],
  select: ["where", "ifelse", "if_else"],
  sigmoid: ["expit", "inv_logit", "logistic"],
  sign: ["sgn", "signum"],
  silu: ["swish"],
  softplus: ["log1p_exp", "log1pexp"],
  sort: ["sorted", "sort_asc"],
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
  voigt: ["voigt_profile"],
  xlogy: ["multiply_log", "lmultiply"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

const density =
  'There are no distributions: define the density, "def normal_lpdf(x, m, s) = -0.5 * ((x - m) / s)^2 - log(s) - log(2 * pi) / 2".';
const columns =
  'Write "stack(x, y, axis = 1)" for vectors as columns, "concat(A, B, axis = 1)" for matrices side by side.';
const joined = 'Write "concat(x, y)" for arrays, "concat(x, [a])" to add one number.';
const choose = 'Write "if condition then a else b".';
const carry = 'Write "scan(x in xs, s = s0: ...)", where the body is the next s.';
const binaryScores = 'Write "mean(softplus(z) - y * z)" for scores z and labels y of 0 and 1.';
const classScores = 'Write "-mean(i: logSoftmax(Z, axis = 1)[i, label[i]])" for rows of scores Z.';
const choices = 'Write "exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1))".';
const elements = 'Write an iterator: "[v in x: v^2]", or "[i in 0..n: x[i] * y[i]]" for several arrays.';
const steps = 'Write the steps of a method, "scan(i in 0..steps, y = y0: y + h * f(y))".';
const layer = 'Declare "param W: [m, n], b: [m]", and write "W @ x + b".';
const slope = 'Write "grad(f, x)": a derivative is a value, in a name.';
const plainNumbers = "Delete it: values are plain numbers, and arrays of them.";
const slices = 'Write "x[a..b]", "x[:n]", "A[i]" or "A[:, j]", counting from 0.';
const sizes = 'Name the sizes where the array is declared, "X: [n, d]", and use n and d.';

/** j0 and its kin are names of SciPy. */
const besselAdvice = (kind: string, order: number) =>
  [`${kind.toLowerCase()}${order}`, `Write "bessel${kind}(${order}, x)".`] as const;

/** What to write for names that are not taken, because they mean different things in different places, or are no function here. */
export const advice: Readonly<Record<string, string>> = {
  column_stack: columns,
  cbind: columns,
  hcat: columns,
  horzcat: columns,
  append: joined,
  append_row: joined,
  append_col: columns,
  rbind: 'Write "stack(x, y)" for vectors as rows, "concat(A, B)" for matrices.',
  cond: choose,
  piecewise: choose,
  case_when: choose,
  reduce: carry,
  fold: carry,
  foldl: carry,
  accumulate: carry,
  Reduce: carry,
  binary_cross_entropy_with_logits: binaryScores,
  nll_loss: classScores,
  dnorm: density,
  logpdf: density,
  log_prob: density,
  Normal: density,
  norm_pdf: density,
  ...Object.fromEntries(["J", "Y", "I", "K"].flatMap((kind) => [0, 1].map((n) => besselAdvice(kind, n)))),
  count_nonzero: 'Write "sum(p)": a condition counts as 1 or 0.',
  sum_squares: 'Write "sum(x^2)".',
  sumsq: 'Write "sum(x^2)".',
  norm2: 'Write "norm(x)".',
  quad_form: 'Write "dot(x, A @ x)".',
  mdivide_left: 'Write "solve(A, b)".',
  mldivide: 'Write "solve(A, b)".',
  lu_solve: 'Write "solve(A, b)".',
  cho_solve: 'Write "solve(A, b, positiveDefinite = true)".',
  pbeta: 'Write "betainc(a, b, x)".',
  beta_inc: 'Write "betainc(a, b, x)".',
  pbinom: 'Write "betainc(n - k, k + 1, 1 - p)" for the chance of k or less among n.',
  pgamma: 'Write "gammainc(shape, rate * x)".',
  pchisq: 'Write "gammainc(k / 2, x / 2)" for k degrees of freedom.',
  ppois: 'Write "gammaincc(k + 1, lambda)".',
  gamma_inc: 'Write "gammainc(a, x)" for P, "gammaincc(a, x)" for Q.',
  float: "Numbers are reals; a whole number becomes one where it is needed.",
  astype: "Numbers are reals; a whole number becomes one where it is needed.",
  int: 'Write "floor(x)" or "trunc(x)" for a whole number, "toInt(x)" for an index.',
  expm: 'There is no exponential of matrices: of a symmetric one it is "V @ diag(exp(w)) @ V\'" with w and V from "eigh(A)".',
  interp:
    'Write the pieces: "sum(i in 0..n-1: if t[i] <= x and x < t[i+1] then y[i] + (y[i+1] - y[i]) * (x - t[i]) / (t[i+1] - t[i]) else 0)".',
  polyval: 'Write "scan(c in p, s = 0: s * x + c)", the highest power first.',
  trapz: 'Write "sum(i in 0..n-1: (y[i] + y[i+1]) / 2 * (t[i+1] - t[i]))".',
  trapezoid: 'Write "sum(i in 0..n-1: (y[i] + y[i+1]) / 2 * (t[i+1] - t[i]))".',
  convolve: 'Write "[i in 0..n-m+1: sum(k in 0..m: w[k] * x[i + m - 1 - k])]".',
  fft: 'Write the sums: "[k in 0..n: sum(i in 0..n: x[i] * cos(2 * pi * i * k / n))]", and with -sin.',
  factorial: 'Write "exp(lgamma(n + 1))".',
  comb: choices,
  binomial: choices,
  choose: choices,
  binom: choices,
  integrate: 'Write a rule of sums, "h * sum(i in 0..n: f((i + 0.5) * h))".',
  quad: 'Write a rule of sums, "h * sum(i in 0..n: f((i + 0.5) * h))".',
  odeint: steps,
  solve_ivp: steps,
  ode_rk45: steps,
  ode_solve: steps,
  zip: elements,
  enumerate: elements,
  sapply: elements,
  lapply: elements,
  apply: elements,
  Map: elements,
  bincount: 'Write "scatterAdd(ones(n), k, size)".',
  unique: "How many values differ is known to data only: count them before, and name the size.",
  print: 'Write "output name = ..." to see a value.',
  divmod: 'Write "floor(x / y)" and "mod(x, y)".',
  beta: 'Write "lgamma(x) + lgamma(y) - lgamma(x + y)" for its logarithm.',
  binary_cross_entropy: binaryScores,
  bce: binaryScores,
  celu: 'Write "if x > 0 then x else a * expm1(x / a)".',
  cot: 'Write "1 / tan(x)".',
  coth: 'Write "1 / tanh(x)".',
  cross_entropy: classScores,
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
  Linear: layer,
  Dense: layer,
  linear: layer,
  dense: layer,
  backward: slope,
  backprop: slope,
  d: slope,
  D: slope,
  derivative: slope,
  differentiate: slope,
  item: plainNumbers,
  numpy: plainNumbers,
  cpu: plainNumbers,
  cuda: plainNumbers,
  t: 'Write "A\'" for the transpose of A.',
  Σ: 'Write "sum(i in 0..n: ...)".',
  Π: 'Write "prod(i in 0..n: ...)".',
  xor: 'Write "p != q" for one condition alone.',
  numel: sizes,
  ndim: sizes,
  dim: sizes,
  nrow: sizes,
  ncol: sizes,
  rows: sizes,
  cols: sizes,
  num_elements: sizes,
  reduce_sum: 'Write "sum(x)".',
  reduce_mean: 'Write "mean(x)".',
  reduce_max: 'Write "max(x)".',
  reduce_min: 'Write "min(x)".',
  len: 'Name the size where the array is declared, "x: [n]", and use n.',
  length: 'Name the size where the array is declared, "x: [n]", and use n.',
  log1m: 'Write "log1p(-x)".',
  log1m_inv_logit: 'Write "logSigmoid(-x)".',
  log_mix: 'Write "logaddexp(log(p) + x, log1p(-p) + y)".',
  inv_cloglog: 'Write "-expm1(-exp(x))".',
  inv_Phi: 'Write "sqrt(2) * erfinv(2 * p - 1)".',
  lambert_wm1: "There is the principal branch alone, lambertw(x).",
  wofz: 'Write "sqrt(pi) * voigt(x, sqrt(0.5), y)" for its real part at x + i y, "voigtDispersion" for the imaginary one.',
  ellipkm1: 'Write "ellipk(1 - p)".',
  ellipkinc: "There are complete elliptic integrals alone, ellipk(m) and ellipe(m).",
  ellipeinc: "There are complete elliptic integrals alone, ellipk(m) and ellipe(m).",
  lchoose: 'Write "lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)".',
  mdivide_left_tri_low: 'Write "solveTriangular(A, b)".',
  diag_pre_multiply: 'Write "v[:, None] * A".',
  segment: slices,
  head: slices,
  tail: slices,
  row: slices,
  col: slices,
  rep_vector: 'Write "full([n], x)".',
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
  dot_self: 'Write "sum(x^2)".',
  sumsqr: 'Write "sum(x^2)".',
  svd: 'Write "eigh(A\' @ A)": its values are the squares of the singular values, its vectors the right singular vectors.',
  view: 'Write "reshape(x, [n, d])".',
  vmap: 'Write an iterator: "[x in X: f(x)]".',
  vstack: 'Write "stack(x, y)" for vectors, "concat(A, B)" for matrices.',
};

/** What to write for a function: of distributions, whose functions end alike in Stan, too. */
export function adviceOn(name: string): string | undefined {
  if (Object.hasOwn(advice, name)) return advice[name];
  return /_(lp[dm]f|l?c?cdf)$/.test(name) ? density : undefined;
}

/** The constants as others spell them, with ours. A name that means something else elsewhere is none. */
export const constantsElsewhere: Readonly<Record<string, string>> = {
  True: "true",
  False: "false",
  TRUE: "true",
  FALSE: "false",
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
  end: 'Write "x[-1]" for the last element.',
  T: 'Write "A\'" for the transpose of A.',
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
