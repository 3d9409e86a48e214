/** What docs/ops.md says of a function of arrays beyond its summary; each example runs as a test. */
export interface FunctionNotes {
  /** From the shapes of the operands to that of the result. */
  readonly shape: string;
  /** The derivative as mathematics, where it is not that of the parts that a summary names. */
  readonly derivative?: string;
  /** An expression, and what it gives. */
  readonly example: readonly [expression: string, value: string];
}

const reduced = "[n.., m..] to [n..], without the axes";
const kept = "[n..] to [n..]";
const scalarShapes = "[n..] and [n..] to []";
const volumes = {
  1: "[.., H, C] and [F, C, K] to [.., H', K]",
  2: "[.., H, W, C] and [F, G, C, K] to [.., H', W', K]",
  3: "[.., D, H, W, C] and [E, F, G, C, K] to [.., D', H', W', K]",
} as const;
const spread = {
  1: "[.., H, K] and [F, C, K] to [.., H', C]",
  2: "[.., H, W, K] and [F, G, C, K] to [.., H', W', C]",
  3: "[.., D, H, W, K] and [E, F, G, C, K] to [.., D', H', W', C]",
} as const;
const pooled = {
  1: "[.., H, C] to [.., H', C]",
  2: "[.., H, W, C] to [.., H', W', C]",
  3: "[.., D, H, W, C] to [.., D', H', W', C]",
} as const;
const inBoth = "linear in each operand: a convolution and its transpose again";
const ofWinner = "1 for the largest element of each window";
const ofWindow = "1 over the window's size for each element";
const none = "none: it does not vary";

export const functionNotes: Readonly<Record<string, FunctionNotes>> = {
  sum: { shape: reduced, derivative: "1", example: ["sum([1, 2, 3])", "6"] },
  prod: { shape: reduced, derivative: "the product of the others", example: ["prod([2, 3, 4])", "24"] },
  mean: { shape: reduced, derivative: "1/n", example: ["mean([1, 2, 6])", "3"] },
  variance: { shape: reduced, derivative: "2 (x - mean) / (n - correction)", example: ["variance([1, 3])", "1"] },
  standardDeviation: {
    shape: reduced,
    derivative: "(x - mean) / (z (n - correction))",
    example: ["standardDeviation([1, 3])", "1"],
  },
  norm: { shape: reduced, derivative: "x/z", example: ["norm([3, 4])", "5"] },
  logsumexp: { shape: reduced, derivative: "softmax(x)", example: ["logsumexp([0, 0])", "log(2)"] },
  max: { shape: reduced, derivative: "1 for the largest", example: ["max([[1, 4], [3, 2]], axis = 0)", "[3, 4]"] },
  min: { shape: reduced, derivative: "1 for the smallest", example: ["min([[1, 4], [3, 2]], axis = 0)", "[1, 2]"] },
  argmax: { shape: "[.., n] to int[..]", derivative: none, example: ["argmax([1, 5, 5])", "1"] },
  argmin: { shape: "[.., n] to int[..]", derivative: none, example: ["argmin([2, 1, 1])", "1"] },
  softmax: {
    shape: kept,
    derivative: "z_i (1 if i = j, else 0) - z_i z_j",
    example: ["softmax([0, 0])", "[0.5, 0.5]"],
  },
  logSoftmax: {
    shape: kept,
    derivative: "(1 if i = j, else 0) - e^(z_j)",
    example: ["logSoftmax([0, 0])", "[-log(2), -log(2)]"],
  },
  layerNorm: { shape: kept, example: ["layerNorm([1, 3], epsilon = 0)", "[-1, 1]"] },
  cumsum: {
    shape: kept,
    derivative: "the running sum from the other end",
    example: ["cumsum([1, 2, 3])", "[1, 3, 6]"],
  },
  cumprod: { shape: kept, derivative: "the products of the others", example: ["cumprod([2, 3, 4])", "[2, 6, 24]"] },
  cummax: { shape: kept, derivative: "1 for the largest so far", example: ["cummax([1, 3, 2])", "[1, 3, 3]"] },
  cummin: { shape: kept, derivative: "1 for the smallest so far", example: ["cummin([2, 1, 3])", "[2, 1, 1]"] },
  logcumsumexp: {
    shape: kept,
    derivative: "e^(x_j - z_i) for j <= i",
    example: ["logcumsumexp([0, log(2)])", "[0, log(3)]"],
  },
  any: { shape: "bool[n..] to bool[..]", derivative: none, example: ["any([1, 2] > [1, 1])", "true"] },
  all: { shape: "bool[n..] to bool[..]", derivative: none, example: ["all([1, 2] > [1, 1])", "false"] },
  dot: { shape: scalarShapes, derivative: "y, x", example: ["dot([1, 2], [3, 4])", "11"] },
  matmul: {
    shape: "[.., m, n] and [.., n, p] to [.., m, p]",
    derivative: "ct @ y', x' @ ct",
    example: ["[[1, 2]] @ [[3], [4]]", "[[11]]"],
  },
  outer: {
    shape: "[m..] and [n..] to [m.., n..]",
    derivative: "y, x",
    example: ["outer([1, 2], [3, 4])", "[[3, 4], [6, 8]]"],
  },
  cross: {
    shape: "[.., 3] and [.., 3] to [.., 3]",
    derivative: "y cross, x cross",
    example: ["cross([1, 0, 0], [0, 1, 0])", "[0, 0, 1]"],
  },
  kron: {
    shape: "[m, n] and [p, q] to [m p, n q]",
    derivative: "y, x",
    example: ["kron([[1, 2]], [[1], [3]])", "[[1, 2], [3, 6]]"],
  },
  trace: { shape: "[.., n, n] to [..]", derivative: "1 on the diagonal", example: ["trace([[1, 2], [3, 4]])", "5"] },
  diagonal: { shape: "[.., n, n] to [.., n]", derivative: "1", example: ["diagonal([[1, 2], [3, 4]])", "[1, 4]"] },
  transpose: { shape: "[.., m, n] to [.., n, m]", derivative: "1", example: ["transpose([[1, 2]])", "[[1], [2]]"] },
  reshape: {
    shape: "[n..] to the shape",
    derivative: "1",
    example: ["reshape([1, 2, 3, 4], [2, 2])", "[[1, 2], [3, 4]]"],
  },
  flatten: { shape: "[m, n, ..] to [m n ..]", derivative: "1", example: ["flatten([[1, 2], [3, 4]])", "[1, 2, 3, 4]"] },
  pad: { shape: "[n] to [n + before + after]", derivative: "1", example: ["pad([1, 2], [1, 2])", "[0, 1, 2, 0, 0]"] },
  concat: {
    shape: "[m, ..] and [n, ..] to [m + n, ..]",
    derivative: "1",
    example: ["concat([1], [2, 3])", "[1, 2, 3]"],
  },
  stack: {
    shape: "k times [n..] to [k, n..]",
    derivative: "1",
    example: ["stack([1, 2], [3, 4], axis = 1)", "[[1, 3], [2, 4]]"],
  },
  reverse: { shape: kept, derivative: "1", example: ["reverse([1, 2, 3])", "[3, 2, 1]"] },
  roll: { shape: kept, derivative: "1", example: ["roll([1, 2, 3], 1)", "[3, 1, 2]"] },
  tile: { shape: "[.., n] to [.., k n]", derivative: "1", example: ["tile([1, 2], 2)", "[1, 2, 1, 2]"] },
  repeatElements: {
    shape: "[.., n] to [.., k n]",
    derivative: "1",
    example: ["repeatElements([1, 2], 2)", "[1, 1, 2, 2]"],
  },
  split: { shape: "[k n, ..] to [k, n, ..]", derivative: "1", example: ["split([1, 2, 3, 4], 2)", "[[1, 2], [3, 4]]"] },
  tril: {
    shape: "[.., m, n] to [.., m, n]",
    derivative: "1 where it keeps",
    example: ["tril([[1, 2], [3, 4]])", "[[1, 0], [3, 4]]"],
  },
  triu: {
    shape: "[.., m, n] to [.., m, n]",
    derivative: "1 where it keeps",
    example: ["triu([[1, 2], [3, 4]])", "[[1, 2], [0, 4]]"],
  },
  diag: {
    shape: "[n] to [n, n], [n, n] to [n]",
    derivative: "1 on the diagonal",
    example: ["diag([1, 2])", "[[1, 0], [0, 2]]"],
  },
  diff: { shape: "[.., n] to [.., n - 1]", derivative: "1, -1", example: ["diff([1, 4, 9])", "[3, 5]"] },
  zeros: { shape: "sizes to [n..]", derivative: none, example: ["zeros(2)", "[0, 0]"] },
  ones: { shape: "sizes to [n..]", derivative: none, example: ["ones(2)", "[1, 1]"] },
  eye: { shape: "n to [n, n]", derivative: none, example: ["eye(2)", "[[1, 0], [0, 1]]"] },
  linspace: {
    shape: "[], [] and n to [n]",
    derivative: "1 - t, t with t from 0 to 1",
    example: ["linspace(0, 1, 3)", "[0, 0.5, 1]"],
  },
  einsum: {
    shape: "arrays of a letter an axis",
    derivative: "the products of the other arrays",
    example: ['einsum("ij,j->i", [[1, 2], [3, 4]], [1, 10])', "[21, 43]"],
  },
  arange: { shape: "n to [n]", derivative: none, example: ["arange(1, 8, 3)", "[1, 4, 7]"] },
  full: { shape: "[n..] and [] to [n..]", derivative: "sum", example: ["full([2], 7)", "[7, 7]"] },
  zerosLike: { shape: "[n..] to [n..]", derivative: none, example: ["zerosLike([1, 2])", "[0, 0]"] },
  onesLike: { shape: "[n..] to [n..]", derivative: none, example: ["onesLike([1, 2])", "[1, 1]"] },
  fullLike: { shape: "[n..] and [] to [n..]", derivative: "sum", example: ["fullLike([1, 2], 7)", "[7, 7]"] },
  expandDims: {
    shape: "[m, n] to [1, m, n], and so on",
    derivative: "1",
    example: ["expandDims([1, 2], axis = 1)", "[[1], [2]]"],
  },
  squeeze: { shape: "[m, 1] to [m]", derivative: "1", example: ["squeeze([[1], [2]])", "[1, 2]"] },
  broadcastTo: {
    shape: "[n] to [m, n]",
    derivative: "sum over the new axes",
    example: ["broadcastTo([1, 2], [2, 2])", "[[1, 2], [1, 2]]"],
  },
  swapAxes: {
    shape: "[m, n] to [n, m]",
    derivative: "1 each",
    example: ["swapAxes([[1, 2], [3, 4]], 0, 1)", "[[1, 3], [2, 4]]"],
  },
  flip: { shape: "[n..] to [n..]", derivative: "1 each", example: ["flip([1, 2, 3])", "[3, 2, 1]"] },
  take: {
    shape: "[n, ..] and int[p..] to [p.., ..]",
    derivative: "sums of the rows that have one position",
    example: ["take([1, 2, 3], [2, 0])", "[3, 1]"],
  },
  takeAlongAxis: {
    shape: "[.., n] and int[.., p] to [.., p]",
    derivative: "1 at each position, added up",
    example: ["takeAlongAxis([[1, 2], [3, 4]], [[1], [0]])", "[[2], [3]]"],
  },
  scatterAdd: {
    shape: "[p.., ..], int[p..] and n to [n, ..]",
    derivative: "a lookup at the positions",
    example: ["scatterAdd([1, 2, 3], [1, 0, 1], 2)", "[2, 4]"],
  },
  oneHot: { shape: "int[p..] and n to [p.., n]", derivative: none, example: ["oneHot([1, 0], 2)", "[[0, 1], [1, 0]]"] },
  conv1d: {
    shape: volumes[1],
    derivative: inBoth,
    example: ["conv1d([[1], [2], [3]], [[[1]], [[10]]])", "[[21], [32]]"],
  },
  conv2d: {
    shape: volumes[2],
    derivative: inBoth,
    example: [
      "conv2d([[[1], [2]], [[3], [4]]], [[[[1]], [[1]]]], padding = [0, 1])",
      "[[[1], [3], [2]], [[3], [7], [4]]]",
    ],
  },
  conv3d: {
    shape: volumes[3],
    derivative: inBoth,
    example: ["conv3d(ones(2, 2, 2, 1), ones(2, 2, 2, 1, 1))", "[[[[8]]]]"],
  },
  convTranspose1d: {
    shape: spread[1],
    derivative: inBoth,
    example: ["convTranspose1d([[1], [2]], [[[1]], [[10]]], stride = 2)", "[[1], [10], [2], [20]]"],
  },
  convTranspose2d: {
    shape: spread[2],
    derivative: inBoth,
    example: ["convTranspose2d([[[1], [2]]], [[[[1]], [[10]]]])", "[[[1], [12], [20]]]"],
  },
  convTranspose3d: {
    shape: spread[3],
    derivative: inBoth,
    example: ["convTranspose3d(2 * ones(1, 1, 1, 1), ones(1, 1, 2, 1, 1))", "[[[[2], [2]]]]"],
  },
  maxPool1d: {
    shape: pooled[1],
    derivative: ofWinner,
    example: ["maxPool1d([[1], [3], [2], [4]], window = 2)", "[[3], [4]]"],
  },
  maxPool2d: {
    shape: pooled[2],
    derivative: ofWinner,
    example: ["maxPool2d([[[1], [2]], [[3], [4]]], window = 2)", "[[[4]]]"],
  },
  maxPool3d: {
    shape: pooled[3],
    derivative: ofWinner,
    example: ["maxPool3d(ones(2, 2, 2, 1), window = 2)", "[[[[1]]]]"],
  },
  avgPool1d: {
    shape: pooled[1],
    derivative: ofWindow,
    example: ["avgPool1d([[1], [3], [2], [4]], window = 2)", "[[2], [3]]"],
  },
  avgPool2d: {
    shape: pooled[2],
    derivative: ofWindow,
    example: ["avgPool2d([[[1], [2]], [[3], [4]]], window = 2)", "[[[2.5]]]"],
  },
  avgPool3d: {
    shape: pooled[3],
    derivative: ofWindow,
    example: ["avgPool3d(ones(2, 2, 2, 1), window = 2, padding = same, stride = 2)", "[[[[1]]]]"],
  },
  uniform: { shape: "int and a shape to the shape", derivative: none, example: ["floor(uniform(1, [2]))", "[0, 0]"] },
  normal: {
    shape: "int and a shape to the shape",
    derivative: none,
    example: ["abs(normal(1, [2])) < 9", "[true, true]"],
  },
  bernoulli: { shape: "int, [n..] to bool[n..]", derivative: none, example: ["bernoulli(1, [0, 1])", "[false, true]"] },
  randomInt: {
    shape: "int, low, high and a shape to an int of the shape",
    derivative: none,
    example: ["randomInt(1, 3, 4, [2])", "[3, 3]"],
  },
  dropout: {
    shape: "int, [n..] and [] to [n..]",
    derivative: "1 / (1 - rate) where it keeps",
    example: ["dropout(1, [1, 2], 0)", "[1, 2]"],
  },
  grad: { shape: "[] and [n..] to [n..]", example: ["{ let w = [0.5, 2]; return grad(sum(w^2), w) }", "[1, 4]"] },
  hvp: {
    shape: "[], [n..] and [n..] to [n..]",
    example: ["{ let w = [0.5, 2]; return hvp(sum(w^3), w, [1, 1]) }", "[3, 12]"],
  },
  jvp: {
    shape: "[m..], [n..] and [n..] to [m..]",
    example: ["{ let w = [0.5, 2]; return jvp(w^2, w, [1, 0]) }", "[1, 0]"],
  },
  jacobian: {
    shape: "[m..] and [n..] to [m.., n..]",
    example: ["{ let w = [0.5, 2]; return jacobian(w^2, w) }", "[[1, 0], [0, 4]]"],
  },
  hessian: {
    shape: "[] and [n..] to [n.., n..]",
    example: ["{ let w = [0.5, 2]; return hessian(sum(w^3), w) }", "[[3, 0], [0, 12]]"],
  },
  cholesky: {
    shape: "[.., n, n] to [.., n, n]",
    derivative: "dL = L F(L^-1 dA L^-T), F the lower triangle with half of the diagonal",
    example: ["cholesky([[4, 2], [2, 5]])", "[[2, 0], [1, 2]]"],
  },
  solve: {
    shape: "[.., n, n] and [.., n] or [.., n, k] to the shape of b",
    derivative: "A dx = db - dA x",
    example: ["solve([[2, 0], [1, 1]], [2, 3])", "[1, 2]"],
  },
  solveTriangular: {
    shape: "[.., n, n] and [.., n] or [.., n, k] to the shape of b",
    derivative: "T dx = db - dT x",
    example: ["solveTriangular([[2, 9], [1, 1]], [2, 3], lower = true)", "[1, 2]"],
  },
  inverse: {
    shape: "[.., n, n] to [.., n, n]",
    derivative: "-z dA z",
    example: ["inverse([[2, 0], [0, 4]])", "[[0.5, 0], [0, 0.25]]"],
  },
  det: {
    shape: "[.., n, n] to [..]",
    derivative: "tr(C' dA), C the cofactors",
    example: ["det([[1, 2], [3, 4]])", "-2"],
  },
  logdet: { shape: "[.., n, n] to [..]", derivative: "tr(A^-1 dA)", example: ["logdet([[2, 0], [0, 4]])", "log(8)"] },
  eigenvalues: {
    shape: "[.., n, n] to [.., n]",
    derivative: "diag(V' dA V), V the eigenvectors",
    example: ["eigenvalues([[2, 1], [1, 2]])", "[1, 3]"],
  },
  argsort: { shape: "[.., n, ..] to int[.., n, ..]", derivative: none, example: ["argsort([3, 1, 2])", "[1, 2, 0]"] },
  sort: {
    shape: kept,
    derivative: "1 at the place that an element goes to",
    example: ["sort([3, 1, 2])", "[1, 2, 3]"],
  },
  quantile: {
    shape: "[n..] and [] to [m..], without the axes",
    derivative: "the weights of the two elements beside q (n - 1); in q the step between them",
    example: ["quantile([4, 1, 2], 0.75)", "3"],
  },
  median: {
    shape: reduced,
    derivative: "1 for the middle, or 1/2 for each of two",
    example: ["median([4, 1, 2, 3])", "2.5"],
  },
  topK: {
    shape: "[.., n, ..] and k to [.., k, ..]",
    derivative: "1 at the place that an element goes to",
    example: ["topK([3, 1, 2], 2)", "[3, 2]"],
  },
};

/** The same of functions that give a record of arrays. */
export const recordNotes: Readonly<Record<string, FunctionNotes>> = {
  eigh: {
    shape: "[.., n, n] to [.., n] and [.., n, n]",
    derivative: "with P = V' dA V: dvalues = diag P, dV = V (P[i,j] / (values[j] - values[i]))",
    example: ["eigh([[2, 1], [1, 2]]).vectors^2", "[[0.5, 0.5], [0.5, 0.5]]"],
  },
  slogdet: {
    shape: "[.., n, n] to [..] and [..]",
    derivative: "of the sign 0, of the logarithm tr(A^-1 dA)",
    example: ["slogdet([[0, 2], [1, 0]]).sign", "-1"],
  },
  qr: {
    shape: "[.., m, n] to [.., m, n] and [.., n, n], m >= n",
    derivative: "with C = dA R^-1 and U the upper triangle of Q'C + its lower one turned over: dQ = C - Q U, dR = U R",
    example: ["qr([[3, 0], [4, 5]]).r", "[[5, 4], [0, 3]]"],
  },
};
