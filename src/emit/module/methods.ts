import type { ModuleFunctionName } from "./content.ts";

/** A function of the bound model: what its type says, and how it is written over the generated loops. */
export interface Method {
  /** What the loops return and write; above their function. */
  readonly loops: string;
  /** Type of the loops with everything bound. */
  readonly type: string;
  readonly declaration: string;
  /** `LOOPS` stands for the function that hands out the loops of a binding, `CHECK(b, x)` for checks of the point. */
  readonly implementation: string;
}

const hessianBlocks = "parameterLeaves.flatMap((row) => parameterLeaves.map((column) => block(b, row, column)))";

/** In the order in which modules list them. */
export const methods: Readonly<Record<ModuleFunctionName, Method>> = {
  loss: {
    loops: "Returns the loss at x.",
    type: "(x: Float64Array) => number",
    declaration: `
  loss(params: Params): number;
  lossFlat(x: Float64Array): number;`,
    implementation: `
    loss(params) {
      const b = binder.named(params);
      CHECK(b, b.point);
      return LOOPS(b)(b.point);
    },
    lossFlat(x) {
      const b = binder.flat(x);
      CHECK(b, x);
      return LOOPS(b)(x);
    },`,
  },
  gradient: {
    loops: "Writes the gradient at x to g.",
    type: "(x: Float64Array, g: Float64Array) => unknown",
    declaration: `
  /** The gradient; in \`out\` when that is given. */
  gradient(params: Params, out?: Vectors): Vectors;
  /** Writes the gradient to g. */
  gradientFlat(x: Float64Array, g: Float64Array): void;`,
    implementation: `
    gradient(params, out) {
      const b = binder.named(params);
      CHECK(b, b.point);
      LOOPS(b)(b.point, b.gradient);
      return vectorsOf(b.gradient, b, out, params);
    },
    gradientFlat(x, g) {
      const b = binder.flat(x);
      checkResult("g", g, x.length, x);
      CHECK(b, x);
      LOOPS(b)(x, g);
    },`,
  },
  lossAndGradient: {
    loops: "Writes the gradient at x to g and returns the loss.",
    type: "(x: Float64Array, g: Float64Array) => number",
    declaration: `
  lossAndGradient(params: Params, out?: Vectors): { readonly loss: number; readonly gradient: Vectors };
  /** Writes the gradient to g and returns the loss. */
  lossAndGradientFlat(x: Float64Array, g: Float64Array): number;`,
    implementation: `
    lossAndGradient(params, out) {
      const b = binder.named(params);
      CHECK(b, b.point);
      const loss = LOOPS(b)(b.point, b.gradient);
      return { loss, gradient: vectorsOf(b.gradient, b, out, params) };
    },
    lossAndGradientFlat(x, g) {
      const b = binder.flat(x);
      checkResult("g", g, x.length, x);
      CHECK(b, x);
      return LOOPS(b)(x, g);
    },`,
  },
  hvp: {
    loops: "Writes the Hessian at x times v to h.",
    type: "(x: Float64Array, v: Float64Array, h: Float64Array) => void",
    declaration: `
  /** The Hessian times a direction with the shapes of parameters; in \`out\` when that is given. */
  hvp(params: Params, direction: Params, out?: Vectors): Vectors;
  /** Writes the Hessian times v to h. */
  hvpFlat(x: Float64Array, v: Float64Array, h: Float64Array): void;`,
    implementation: `
    hvp(params, direction, out) {
      const b = binder.named(params);
      packInto(direction, b, b.direction);
      CHECK(b, b.point);
      LOOPS(b)(b.point, b.direction, b.product);
      return vectorsOf(b.product, b, out, params, direction);
    },
    hvpFlat(x, v, h) {
      const b = binder.flat(x);
      checkLength("the direction", v, x.length);
      checkResult("h", h, x.length, x);
      checkResult("h", h, x.length, v);
      CHECK(b, x);
      LOOPS(b)(x, v, h);
    },`,
  },
  lossGradientHvp: {
    loops: "Writes the gradient at x to g and the Hessian times v to h, and returns the loss.",
    type: "(x: Float64Array, v: Float64Array, g: Float64Array, h: Float64Array) => number",
    declaration: `
  /** Loss, gradient and Hessian times a direction, with one forward pass. */
  lossGradientHvp(
    params: Params,
    direction: Params,
  ): { readonly loss: number; readonly gradient: Vectors; readonly hvp: Vectors };
  /** Writes gradient and Hessian-vector product, and returns the loss. */
  lossGradientHvpFlat(x: Float64Array, v: Float64Array, g: Float64Array, h: Float64Array): number;`,
    implementation: `
    lossGradientHvp(params, direction) {
      const b = binder.named(params);
      packInto(direction, b, b.direction);
      CHECK(b, b.point);
      const loss = LOOPS(b)(b.point, b.direction, b.gradient, b.product);
      const gradient = vectorsOf(b.gradient, b, undefined);
      return { loss, gradient, hvp: vectorsOf(b.product, b, undefined) };
    },
    lossGradientHvpFlat(x, v, g, h) {
      const b = binder.flat(x);
      checkLength("the direction", v, x.length);
      for (const input of [x, v, h]) checkResult("g", g, x.length, input);
      for (const input of [x, v]) checkResult("h", h, x.length, input);
      CHECK(b, x);
      return LOOPS(b)(x, v, g, h);
    },`,
  },
  hessian: {
    loops: "Writes the blocks of the Hessian at x, row parameter first.",
    type: "(x: Float64Array, blocks: readonly Float64Array[]) => void",
    declaration: `
  /** Blocks by row and column parameter, each of the shape of the row followed by that of the column. */
  hessian(params: Params): Record<string, Vectors>;
  /** Writes the Hessian, row-major, to H of length n^2. */
  hessianFlat(x: Float64Array, H: Float64Array): void;`,
    implementation: `
    hessian(params) {
      const b = binder.named(params);
      CHECK(b, b.point);
      const blocks = ${hessianBlocks};
      LOOPS(b)(b.point, blocks);
      const count = parameterLeaves.length;
      const row = (i: number) => record(parameterLeaves.map(({ name }, j) => [name, blocks[i * count + j]!]));
      return record(parameterLeaves.map(({ name }, i) => [name, row(i) as unknown as Vectors]));
    },
    hessianFlat(x, H) {
      const b = binder.flat(x);
      checkResult("H", H, x.length * x.length, x);
      CHECK(b, x);
      const blocks = ${hessianBlocks};
      LOOPS(b)(x, blocks);
      placeBlocks(blocks, b, H);
    },`,
  },
};

/** Functions that the Hessian needs. */
export const hessianHelpers = `
function block(b: Binding, row: Leaf, column: Leaf): Float64Array {
  return new Float64Array(b.lengthOf(row) * b.lengthOf(column));
}

/** Blocks by row and column parameter into one row-major matrix. */
function placeBlocks(blocks: readonly Float64Array[], b: Binding, H: Float64Array): void {
  const count = b.lengths.length;
  for (const [k, values] of blocks.entries()) {
    const [i, j] = [Math.floor(k / count), k % count];
    const width = b.lengths[j]!;
    for (let r = 0; r < b.lengths[i]!; r++) {
      H.set(values.subarray(r * width, (r + 1) * width), (b.starts[i]! + r) * b.point.length + b.starts[j]!);
    }
  }
}
`.trim();

export const outputsMethod = {
  declaration: `
  /** The named outputs, by default all, row-major; needs only the inputs that they read. */
  outputs<Name extends keyof Outputs>(params: Partial<Params>, names?: readonly Name[]): Pick<Outputs, Name>;`,
  implementation: `
    outputs(params, names) {
      const tensors = readInputs(params, parameterLeaves);
      const has = (parameter: string) => tensors.has(parameter);
      const b = binder.bind(claimsOf(parameterLeaves, tensors));
      pack(tensors, b, b.point, false);
      CHECK(b, b.point, has);
      const wanted: readonly string[] = names ?? modelOutputs.map(({ name }) => name);
      if (!Array.isArray(wanted)) throw new DataError("outputs needs a list of names.");
      return record(wanted.map((name) => [name, outputOf(b, name, has)])) as unknown as Outputs;
    },`,
  helpers: `
interface ModelOutput {
  readonly name: string;
  /** The parameters that it reads. */
  readonly needs: readonly string[];
  readonly of: (b: Binding, x: Float64Array) => ArrayLike<number>;
}

function outputOf(b: Binding, name: string, has: (parameter: string) => boolean): Float64Array {
  const output = modelOutputs.find((candidate) => candidate.name === name);
  if (!output) throw new DataError("the model has no output " + quoted(name) + ".");
  const missing = output.needs.find((parameter) => !has(parameter));
  if (missing !== undefined) throw new DataError(quoted(missing) + " has no value: the output " + quoted(name) + " needs it.");
  return Float64Array.from(output.of(b, b.point));
}
`.trim(),
};
