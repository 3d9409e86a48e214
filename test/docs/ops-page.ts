import { type GathererName, gatherers } from "../../src/build/binders/gather.ts";
import { coreVocabulary } from "../../src/build/functions/core.ts";
import { factorisations, matrixFunctions } from "../../src/build/functions/linear-algebra.ts";
import { advice, namesElsewhere, numberAdvice } from "../../src/build/functions/other-names.ts";
import type { TermFunction } from "../../src/build/functions/vocabulary.ts";
import { operandType } from "../../src/ir/graph.ts";
import type { Interval, Primitive } from "../../src/ir/primitive.ts";
import { wholeLanguage } from "../../src/model/load.ts";
import { routineDocumentation } from "../../src/ops/documentation/linear-algebra.ts";
import { documentationOf } from "../../src/ops/documentation/registry.ts";
import { routines } from "../../src/ops/linear-algebra/registry.ts";
import { type FamilyName, familyOf, operationFamilies, operations } from "../../src/ops/registry.ts";
import * as special from "../../src/special.ts";
import { type FunctionNotes, functionNotes, recordNotes } from "./function-notes.ts";
import { functionSummaries } from "./function-summaries.ts";
import { binderNotes, formNotes, loopNotes } from "./loop-notes.ts";
import { type Example, exampleOf } from "./primitive-examples.ts";

// docs/ops.md as text: what the records say, and beside it the little that they do not.

const familyTitles: Readonly<Record<FamilyName, string>> = {
  algebra: "Arithmetic",
  powers: "Powers and roots",
  lengths: "Lengths and directions",
  exponential: "Exponentials and logarithms",
  trigonometric: "Trigonometric functions",
  plane: "Points of the plane",
  hyperbolic: "Hyperbolic functions",
  rounding: "Rounding, signs, remainders",
  comparison: "Comparison, choice, extremes",
  activation: "Activations and robust losses",
  special: "Logarithmic products",
  erf: "Error function and normal distribution",
  gamma: "Gamma function",
  bessel: "Bessel functions",
  lambert: "Lambert W",
  expint: "Exponential integrals",
  elliptic: "Elliptic integrals",
  faddeeva: "Voigt profile",
  incomplete: "Incomplete gamma and beta functions",
  random: "Random numbers",
  ratios: "Quotients without cancellation at 0",
  cast: "Conversions",
  opaque: "Constants to derivatives",
};

/** Operands that are not x, or x and y. */
export const operandNames: Readonly<Record<string, readonly string[]>> = {
  add: ["x", "y", "..."],
  and: ["p", "q"],
  atan2: ["y", "x"],
  clamp: ["x", "low", "high"],
  huber: ["x", "d"],
  leakyRelu: ["x", "a"],
  logit: ["p"],
  not: ["p"],
  or: ["p", "q"],
  randomNormal: ["key", "stream", "place"],
  randomUniform: ["key", "stream", "place"],
  select: ["condition", "x", "y"],
  ...Object.fromEntries(["voigt", "voigtDispersion"].map((name) => [name, ["x", "sigma", "gamma"]])),
};

/** How the language writes a primitive besides its name. */
export const signs: Readonly<Record<string, string>> = {
  add: "x + y",
  and: "p and q",
  div: "x / y",
  equal: "x == y",
  floorDiv: "x // y",
  greater: "x > y",
  greaterEqual: "x >= y",
  less: "x < y",
  lessEqual: "x <= y",
  mul: "x * y",
  neg: "-x",
  not: "not p",
  notEqual: "x != y",
  or: "p or q",
  pow: "x^y",
  square: "x^2",
  sub: "x - y",
};

/** What functions of arrays promise beyond their one line. */
export const promises: Readonly<Record<string, string>> = {
  sum: "0 over nothing.",
  prod: "1 over nothing. The derivative is right where elements are 0.",
  mean: "NaN over nothing.",
  variance: "Over n - correction. The mean comes off first, so that squares do not cancel.",
  standardDeviation:
    "Over n - correction. Squares neither overflow nor underflow. Slope 0 where all elements are equal.",
  norm: "Squares neither overflow nor underflow. 0 over nothing. Slope 0 at the origin.",
  logsumexp: "Shifted by the largest element. -Infinity over nothing.",
  max: "k tied winners weigh 1/k each. Over nothing: an error when sizes are bound.",
  min: "k tied winners weigh 1/k each. Over nothing: an error when sizes are bound.",
  argmax: "The first of equals; NaN counts as the largest. An int: it does not vary.",
  argmin: "The first of equals; NaN counts as the smallest. An int: it does not vary.",
  softmax: "Shifted by the largest element.",
  logSoftmax: "Shifted by the largest element: small differences survive.",
  cumsum: "One pass, in the derivative too.",
  cumprod:
    "A loop, and so are its derivatives: right where elements are 0. In TypeScript it is a function of nabla/loops.",
  cummax: "k tied elements weigh 1/k each.",
  cummin: "k tied elements weigh 1/k each.",
  logcumsumexp: "A loop of logaddexp: nothing overflows.",
  any: "false over nothing.",
  all: "true over nothing.",
  matmul:
    "[n] @ [n], [m, n] @ [n], [n] @ [n, p], [m, n] @ [n, p]; leading axes are a batch, where a literal 1 meets any size.",
  transpose: "A view: nothing is copied.",
  reshape: "As many elements before as after: checked when sizes are bound, if it cannot be proved.",
  roll: "Backwards for a negative shift.",
  tril: "diagonal = 1 is the one above the main diagonal.",
  triu: "diagonal = 1 is the one above the main diagonal.",
  take: "Positions may have any shape. Outside is an error.",
  takeAlongAxis: "Positions outside are an error.",
  scatterAdd: "Positions may have as many axes as x or fewer. Outside is an error.",
  oneHot: "A product with it, oneHot(rows, n) @ W, compiles to the lookup W[rows]. Positions outside are an error.",
  pad: "The only source of zeros around an array.",
  stack: "In TypeScript a function of a list, stack([x, y]).",
  conv1d: "As conv2d, along one axis.",
  conv2d:
    "H' = floor((H + 2p - F)/s) + 1 rows. Options are one number, or a list of one for each axis; padding is same, valid, a width or a pair for each axis. Filters are [.., inputs, outputs]; with channels = first [outputs, inputs, ..], and images [.., channels, rows, columns]. groups: as many as channels is a depthwise convolution.",
  conv3d: "As conv2d, along three axes.",
  convTranspose1d: "As convTranspose2d, along one axis.",
  convTranspose2d:
    "It takes the filter of the convolution that it transposes, and gives s (H - 1) + F - 2p rows, with extra = 1 one more.",
  convTranspose3d: "As convTranspose2d, along three axes.",
  maxPool1d: "As maxPool2d, along one axis.",
  maxPool2d:
    "Padding never wins: it is absent. Tied elements share the slope. Rows and columns that fill no window are left out.",
  maxPool3d: "As maxPool2d, along three axes.",
  avgPool1d: "As avgPool2d, along one axis.",
  avgPool2d: "The sum over the window's size, padding counted.",
  avgPool3d: "As avgPool2d, along three axes.",
  uniform:
    "The key is an int, as data or as it stands; the stream, 0 unless given, is for a step or an epoch. The same key, stream and shape give the same numbers in every engine and every file. They do not vary: low + (high - low) * uniform(key, [n]) has slopes in low and high.",
  normal: "As uniform; mu + sigma * normal(key, [n]) has slopes in mu and sigma.",
  bernoulli: "As uniform. The probability gets no slope.",
  randomInt: "As uniform.",
  dropout: "As uniform; the kept elements carry the slope 1 / (1 - rate).",
  grad: "w is a name: a parameter, data, or a `let`. See [derivatives](derivatives.md).",
  hvp: "grad(dot(grad(f, w), v), w), with v held fixed meanwhile.",
  jvp: "The directional derivative of an array along v.",
};

const binderForms: Partial<Readonly<Record<GathererName, readonly [language: string, typescript: string]>>> = {
  array: ["[i in 0..n: e]", "array(range(0, n), (i) => e)"],
};

/** The whole page. */
export function opsPage(): string {
  const families = (Object.keys(familyTitles) as FamilyName[]).map((family) => [
    `## ${familyTitles[family]}`,
    ...primitiveTable(family),
  ]);
  return `${[
    introduction,
    ...families,
    numberedFamilies(),
    arrayFunctions(),
    matrices(),
    forms(),
    binders(),
    loops(),
    otherNames(),
  ]
    .map((section) => (typeof section === "string" ? section : section.join("\n\n")))
    .join("\n\n")}\n`;
}

const introduction = `# Functions

<!-- Generated from the records in src/ops and src/build by test/docs/ops-page.ts: "npm run docs" writes it. -->

Every function of the language. Primitives work element by element and broadcast; they come first, family by family.
[Functions of arrays](#functions-of-arrays) and [binders](#binders) follow, and last what functions are
[called elsewhere](#other-names).

In the language a function is called by its name, \`softplus(x)\`. In TypeScript it is a method of its first operand,
\`x.softplus()\`, \`x.huber(1)\`, where nothing else is said below its table; \`f("softplus", x)\` calls a method by its name.

How to read the tables:

- **derivative**: one expression per operand, in order. \`z\` is the function's own value.
- **at kinks, poles, ties**: what the value or the slope is where mathematics leaves a choice. Empty: there is none.
- **domain**: where each operand is meant to lie, and is tested; \`all\` for all reals. Empty: all reals in every operand.
- **example**: a value to check by. Of arrays of one shape a primitive gives an array of that shape.
- **cost**: operations as nabla counts them: 1 for an addition, a multiplication or a comparison, 10 for a logarithm. It
  decides what is stored and what is computed again.`;

function primitiveTable(family: FamilyName): string[] {
  const members = [...operations.values()].map(({ primitive }) => primitive);
  const rows = members.filter(({ name }) => familyOf.get(name) === family);
  return [
    table(
      ["function", "value", "derivative", "at kinks, poles, ties", "domain", "cost", "example"],
      rows.map((primitive) => {
        const { expression, value } = exampleOf(primitive);
        return [
          signature(primitive),
          ...description(primitive),
          String(primitive.cost),
          `\`${expression}\` is ${value}`,
        ];
      }),
    ),
    ...inTypeScript(rows.map(({ name }) => name)),
    ...references(rows.map((each) => [each.name, documentationOf(each)?.reference])),
  ];
}

/** Which functions are no methods in TypeScript, and where they are. */
function inTypeScript(names: readonly string[]): string[] {
  const others = names.filter((name) => !coreVocabulary.isCallable(name));
  const [imported, internal] = [true, false].map((isThere) =>
    others.filter((name) => Object.hasOwn(special, name) === isThere).map(code),
  ) as [string[], string[]];
  return [
    ...(imported.length > 0 ? [inLines(`In TypeScript imported from \`nabla/special\`: ${imported.join(", ")}.`)] : []),
    ...(internal.length > 0
      ? [inLines(`In the language alone, for others are made of them or rewritten into them: ${internal.join(", ")}.`)]
      : []),
  ];
}

/** A paragraph in lines of at most 120 characters. */
const inLines = (text: string): string => text.replace(/(.{1,120})( |$)/g, "$1\n").trimEnd();

function signature(primitive: Primitive): string {
  const { name, arity } = primitive;
  const count = arity === "variadic" ? 2 : arity;
  const names = operandNames[name] ?? ["x", "y", "w"].slice(0, count);
  const typed = names.map((operand, position) => {
    const type = operandType(primitive, position);
    return type === "real" ? operand : `${operand}: ${type}`;
  });
  const sign = signs[name];
  return `\`${name}(${typed.join(", ")})\`${sign ? `, \`${sign}\`` : ""}`;
}

function description(primitive: Primitive): string[] {
  const { summary = "", derivative = "", kink = "" } = documentationOf(primitive) ?? {};
  return [summary, derivative, kink, primitive.domain?.map(showInterval).join("; ") ?? ""];
}

function showInterval([low, high]: Interval): string {
  if (low === Number.NEGATIVE_INFINITY && high === Number.POSITIVE_INFINITY) return "all";
  if (high === Number.POSITIVE_INFINITY) return `>= ${low}`;
  return low === Number.NEGATIVE_INFINITY ? `<= ${high}` : `${low} to ${high}`;
}

/** The sources of functions, from their names and the sources. */
function references(all: readonly (readonly [name: string, source: string | undefined])[]): string[] {
  const bySource = new Map<string, string[]>();
  for (const [name, source] of all) {
    if (source !== undefined) bySource.set(source, [...(bySource.get(source) ?? []), `\`${name}\``]);
  }
  if (bySource.size === 0) return [];
  const list = [...bySource].map(([source, names]) => `${names.join(", ")}: ${source}`);
  return [`Sources: ${list.join("; ")}.`];
}

/** Families by order: derivatives of special functions, of any order. */
function numberedFamilies(): string[] {
  const rows = [...operationFamilies].map(([name, family]) => {
    const { primitive } = family(family.lowestOrder);
    const operands = ["x", "x, y", "x, sigma, gamma"][Number(primitive.arity) - 1];
    const { expression, value } = familyExample(name, primitive, family.lowestOrder);
    const example = `${code(expression)} is ${value}`;
    return [
      code(`${name}(n, ${operands})`),
      `n >= ${family.lowestOrder}`,
      ...description(primitive).slice(0, 3),
      example,
    ];
  });
  return [
    "## Numbered families",
    "Functions with an order n, a whole number that is known when the model is written. They are what higher derivatives\n" +
      "of other functions are made of, and can be called like them; `polygamma3(x)` is short for `polygamma(3, x)`.",
    table(["function", "order", "value", "derivative", "at kinks, poles, ties", "example"], rows),
    ...inTypeScript([...operationFamilies.keys()]),
  ];
}

/** A member of a family, called by the name of the family and its order. */
export function familyExample(name: string, primitive: Primitive, order: number): Example {
  const { expression, value } = exampleOf(primitive);
  return { expression: expression.replace(/^.*?\(/, `${name}(${order}, `), value };
}

function arrayFunctions(): string[] {
  const others = [...wholeLanguage.vocabulary.functions].filter(([name]) => !Object.hasOwn(matrixFunctions, name));
  const rows = others.map(([name, record]) => {
    const { shape = "", derivative = "", example } = functionNotes[name] ?? {};
    return [
      code(callForm(name, record)),
      functionSummaries[name] ?? "",
      shape,
      derivative,
      promises[name] ?? "",
      shown(example),
    ];
  });
  return [
    "## Functions of arrays",
    "They are made of primitives, sums and views, and have no derivative rules of their own. `axis = 1` or `axis = [0, 1]` names\n" +
      "axes, counted from 0; in TypeScript options are a record, `x.sum({ axis: 1 })`. In TypeScript convolutions and pools are\n" +
      "imported from `nabla/windows`, random numbers from `nabla/random`, rarer arrangements from\n" +
      "[`nabla/arrays`](typescript.md#tensors); the others are methods.",
    table(["function", "value", "shapes", "derivative", "also", "example"], rows),
  ];
}

/** Functions of matrices and of order, and the operations that they are made of. */
function matrices(): string[] {
  const rows = Object.entries(matrixFunctions).map(([name, record]) => [
    code(callForm(name, record)),
    functionSummaries[name] ?? "",
    ...notesOf(functionNotes[name]!),
  ]);
  const records = Object.entries(factorisations).map(([name, record]) => [
    record.fields.map((field) => `\`${name}(A).${field}\``).join(", "),
    functionSummaries[name] ?? "",
    ...notesOf(recordNotes[name]!),
  ]);
  const said = [...routines.keys()].map((name) => [name, routineDocumentation[name]!] as const);
  const operations = said.map(([name, { summary, derivative, failure }]) => [code(name), summary, derivative, failure]);
  return [
    "## Matrices and order",
    "The last two axes are a matrix, or the last one a vector; axes before them are a batch. See\n" +
      "[derivatives](derivatives.md#linear-algebra) and [what fails, and how](limits-and-stability.md#matrices). In TypeScript\n" +
      "they are imported from `nabla/linear-algebra`.",
    table(["function", "value", "shapes", "derivative", "example"], [...rows, ...records]),
    "They are made of these operations, which graphs and reports show. Each has an algorithm, written once for every engine, and\n" +
      "derivatives of any order in terms of sums and the same operations.",
    table(["operation", "value", "derivative", "where there is none"], operations),
    ...references(said.map(([name, { reference }]) => [name, reference])),
  ];
}

const notesOf = ({ shape, derivative = "", example }: FunctionNotes) => [shape, derivative, shown(example)];

function callForm(name: string, { operands, repeats, options = [] }: TermFunction): string {
  return `${name}(${[...operands, ...(repeats ? ["..."] : []), ...options.map((option) => `${option} = ...`)].join(", ")})`;
}

/** What is written without a name. */
function forms(): string[] {
  const rows = formNotes.map(({ language, typescript, value, shape, derivative, edge, before, example }) => [
    code(language),
    code(typescript),
    value,
    shape,
    derivative,
    edge,
    `${before ? `${code(before)}: ` : ""}${shown(example)}`,
  ]);
  return [
    "## Forms",
    "Choices, definitions, elements and the signs of matrices. See [the language](language.md).",
    table(["language", "TypeScript", "value", "shapes", "derivative", "at the edge", "example"], rows),
  ];
}

function binders(): string[] {
  const rows = (Object.keys(gatherers) as GathererName[]).map((name) => {
    const [language, typescript] = binderForms[name] ?? [`${name}(i in 0..n: e)`, `${name}(range(0, n), (i) => e)`];
    const { gives, derivative, edge, example } = binderNotes[name];
    return [code(language), code(typescript), gives, derivative, edge, shown(example)];
  });
  return [
    "## Binders",
    "A binder runs a body over iterators: `sum(i in 0..n, j in 0..m: A[i, j])`. A range left out is the largest on which every\n" +
      "read is in bounds: `sum(i: x[i + 1] - x[i])`. See [the language](language.md#ranges).",
    table(["language", "TypeScript", "gathers", "derivative", "at ties and edges", "example"], rows),
  ];
}

/** Loops that carry values on, and solutions of equations. */
function loops(): string[] {
  const rows = loopNotes.map(({ language, typescript, gives, derivative, edge, example }) => [
    code(language),
    code(typescript),
    gives,
    derivative,
    edge,
    shown(example),
  ]);
  return [
    "## Loops and solutions",
    "Steps that read what steps before them made, and values that equations define. All of them stand under iterators, in\n" +
      "definitions and within each other, and have derivatives of any order. See [loops](language.md#loops) and\n" +
      "[implicit functions](language.md#implicit-functions-and-loops-of-unknown-length).",
    table(["language", "TypeScript", "gives", "derivative", "at the edge", "example"], rows),
  ];
}

/** What functions are called elsewhere, and what to write for words that are no function here. */
function otherNames(): string[] {
  const taken = Object.entries(namesElsewhere).map(([ours, others]) => [code(ours), others.map(code).join(", ")]);
  const given = [...Object.entries(advice), ...Object.entries(numberAdvice)];
  const words = new Map<string, string[]>();
  for (const [word, wayOut] of given) words.set(wayOut, [...(words.get(wayOut) ?? []), word]);
  const answered = [...words].map(([wayOut, same]) => [
    same.map(code).join(", "),
    wayOut.replaceAll(/"([^"]*)"/g, "`$1`"),
  ]);
  return [
    "## Other names",
    "Every function has one name, which messages, graphs and these pages use. What a function is called elsewhere is taken too,\n" +
      "in the language, where it means exactly the same, and so are `log_softmax` and `logsoftmax` for `logSoftmax`, and so on. A name\n" +
      "of yours wins over any of them. Methods in TypeScript have one name each.",
    table(["function", "also"], taken),
    "Some names mean different things in different places, and some things are written without a function. They are answered\n" +
      "with what to write:",
    table(["for", "the answer"], answered),
  ];
}

const shown = (example: readonly [string, string] | undefined) =>
  example ? `${code(example[0])} is ${code(example[1])}` : "";

const code = (name: string) => `\`${name}\``;

/** A Markdown table; bars inside cells are escaped. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}
