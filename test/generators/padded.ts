import fc from "fast-check";

// Programs over sequences of varying lengths: X[i, a] and Y[i, a] are there for a below len[i], and nothing reads what stands behind.

export const sizes = { n: 3, t: 4, d: 2 } as const;

/** Lengths of the sequences, the shortest and the longest among them. */
export const lengths: readonly number[] = [2, sizes.t, 1];

const header = `param w: [d], Q: [d, d], K: [d, d], p, q
data X: [n, t, d], Y: [n, t], len: int[n] within 1..t+1, seen: bool[n]
`;

const pick = <Value>(...values: readonly Value[]) => fc.constantFrom(...values);
const filled = (form: string, parts: readonly string[]) => form.replace(/\$(\d)/g, (_, k) => parts[Number(k)]!);
const join = (form: string, ...parts: readonly fc.Arbitrary<string>[]) =>
  fc.tuple(...parts).map((texts) => filled(form, texts));

const functions = pick(
  ..."exp($0)|tanh($0)|softplus($0)|($0)^2|sqrt(1 + ($0)^2)|sin($0)|log(2 + ($0)^2)|abs($0)|1 / (1 + ($0)^2)".split(
    "|",
  ),
  ..."norm([$0, q])|max($0, 0.1)|(1.5 + sin($0))^p|$0".split("|"),
);
const reads = pick(
  ..."X[i, $0, 0] * q|Y[i, $0]|X[i, $0, 1]|dot(X[i, $0], w)|dot(X[i, $0] @ Q, w)|(X[i] @ Q)[$0, 1]|p|q".split("|"),
  ..."(X[i, $0] @ K)[0]|T[i, $0]|S[i, $0, 0]|dot(S[i, $0], X[i, $1])".split("|"),
);
const over = pick(
  ..."sum|mean|logsumexp|max|prod".split("|").map((name) => `${name}($1 in 0..len[i]: $0)`),
  "norm([$1 in 0..len[i]: $0])",
  "dot(softmax([$1 in 0..len[i]: $0]), Y[i, 0..len[i]])",
  "sum($1 in 0..$2+1: $0)",
);

/** A number at the iterators of a scope, which run below len[i]. */
function term(scope: readonly string[], depth: number): fc.Arbitrary<string> {
  const iterator = pick(...scope);
  const leaf = fc.tuple(reads, iterator, iterator).map(([form, ...parts]) => filled(form, parts));
  if (depth === 0) return leaf;
  const inner = term(scope, depth - 1);
  const added = ["a", "b", "c", "e"].find((name) => !scope.includes(name))!;
  const below = fc
    .tuple(over, term([...scope, added], depth - 1), iterator)
    .map(([form, body, last]) => filled(form, [body, added, last]));
  const both = fc.tuple(pick("($0 + $1)", "($0 - $1)", "($0 * $1)"), inner, inner);
  return fc.oneof(
    { arbitrary: leaf, weight: 3 },
    { arbitrary: fc.tuple(functions, inner).map(([form, part]) => filled(form, [part])), weight: 3 },
    { arbitrary: both.map(([form, ...parts]) => filled(form, parts)), weight: 3 },
    { arbitrary: below, weight: 2 },
  );
}

const losses = fc.oneof(
  join("sum(i in 0..n, a in 0..len[i]: $0)", term(["a"], 3)),
  fc
    .tuple(functions, term(["a"], 3))
    .map(([form, part]) => `sum(i in 0..n: ${filled(form, [`sum(a in 0..len[i]: ${part})`])})`),
  join("mean(i in 0..n: if seen[i] then mean(a in 0..len[i]: $0) else 0)", term(["a"], 3)),
  join("sum(i in 0..n, a in 0..len[i], b in 0..len[i]: $0 * $1)", term(["a", "b"], 2), term(["b"], 1)),
);

/** Texts of models; S and T are computed for all places, those behind the ends too. */
export const paddedPrograms: fc.Arbitrary<string> = join(
  `${header}let S = [i in 0..n, j in 0..t, c in 0..d: ($0)[c]]\nlet T = [i in 0..n, j in 0..t: $1]\nloss = $2\n`,
  pick("tanh(X[i, j] @ Q)", "X[i, j] @ K", "X[i, j] * w", "exp(X[i, j]) @ Q"),
  pick("dot(X[i, j], w) - Y[i, j]", "Y[i, j] * q", "tanh(sum(X[i, j] @ Q))", "norm(X[i, j]) * p"),
  losses,
);

/** One program with a given loss. */
export const paddedProgram = (loss: string) => `${header}loss = ${loss}\n`;
