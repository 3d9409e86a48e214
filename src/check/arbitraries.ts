import fc from "fast-check";
import type { CompilableModel } from "../compile/compile.ts";
import { evaluateShape } from "../interpreter/interpret.ts";
import { LimitError, UsageError } from "../ir/errors.ts";
import type { Shape } from "../ir/graph.ts";
import type { DType, Interval } from "../ir/primitive.ts";
import { showGraph } from "../ir/show.ts";
import { boundsOf, type DeclaredLeaf, type Domain, domainOf, type Given, regions, type Sizes } from "./domain.ts";
import { fineness, offsetOf } from "./programs/offsets.ts";
import { elaborate, modelOf, type ProgramOptions, type RandomProgram, type Recipe } from "./programs/programs.ts";

/** Where a model is evaluated: its sizes, and row-major values by the name of the leaf. */
export interface Point {
  readonly sizes: Sizes;
  readonly values: ReadonlyMap<string, readonly number[]>;
}

/** A point and two directions of the parameters. */
export interface Sample extends Point {
  readonly v: ReadonlyMap<string, readonly number[]>;
  readonly u: ReadonlyMap<string, readonly number[]>;
}

export interface PointOptions extends Given {
  /** Where reals without declared bounds are drawn from. Default: -2 .. 2. */
  readonly region?: Interval;
  /** The range of sizes that nothing gives. Default: 1 .. 4. */
  readonly sizeRange?: Interval;
  /** All sizes, to choose from in place of a range: for sizes that depend on each other. */
  readonly sizeChoices?: readonly Sizes[];
}

export interface TensorOptions {
  /** Default: -2 .. 2. The ends of ints are included. */
  readonly bounds?: Interval;
  readonly dtype?: DType;
  /** Tensors with other numbers share no element, however they are drawn. Default: 0. */
  readonly number?: number;
}

const countOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** The shape under sizes; an axis that these leave less than nothing has no elements: such points are not valid. */
const drawnShape = (shape: Shape, sizes: Sizes) => evaluateShape(shape, sizes).map((size) => Math.max(0, size));

/** Elements of a tensor, row-major. Reals are scaled integers at odd offsets. Throws UsageError for a size below 0. */
export function tensors(shape: readonly number[], options: TensorOptions = {}): fc.Arbitrary<number[]> {
  const { bounds: [low, high] = regions[0]!, dtype = "real", number = 0 } = options;
  const negative = shape.find((size) => size < 0);
  if (negative !== undefined) throw new UsageError(`a size is 0 or more, got ${negative}.`);
  const count = countOf(shape);
  // a narrow interval needs a finer grid
  const grid = fineness * 2 ** Math.max(0, Math.ceil(Math.log2(2 / (high - low))));
  // an interval of one number has no grid, nor has one that is as narrow as the smallest numbers are
  if (grid === Number.POSITIVE_INFINITY && dtype === "real") return fc.constant(new Array<number>(count).fill(low));
  const [first, last] = dtype === "real" ? [Math.ceil(low * grid), Math.floor(high * grid) - 1] : [low, high];
  return fc
    .array(fc.integer({ min: Math.min(first, last), max: last }), { minLength: count, maxLength: count })
    .map((whole) => (dtype === "real" ? whole.map((k, at) => (k + offsetOf(number, at)) / grid) : whole));
}

/** Points of a model: parameters and data inside their bounds, ints that index a tensor inside it. */
export function points(model: CompilableModel, options: PointOptions = {}): fc.Arbitrary<Point> {
  return withSizes(domainOf(model, options), options, (domain, sizes) => valuesAt(model, domain, sizes, options));
}

/** Points with two directions, made of small integers, along the parameters named in `wrt`. */
export function samples(
  model: CompilableModel,
  wrt: readonly string[],
  options: PointOptions = {},
): fc.Arbitrary<Sample> {
  return withSizes(domainOf(model, options), options, (domain, sizes) => {
    const variables = domain.leaves.filter(({ name }) => wrt.includes(name));
    const direction = () =>
      named(
        variables.map(({ name, expr }) => {
          const count = countOf(drawnShape(expr.shape, sizes));
          return [name, fc.array(fc.integer({ min: -3, max: 3 }), { minLength: count, maxLength: count })];
        }),
      );
    return fc
      .tuple(valuesAt(model, domain, sizes, options), direction(), direction())
      .map(([point, v, u]) => ({ ...point, v, u }));
  });
}

function withSizes<T>(
  domain: Domain,
  { sizeRange: [min, max] = [1, 4], sizeChoices }: PointOptions,
  draw: (domain: Domain, sizes: Sizes) => fc.Arbitrary<T>,
): fc.Arbitrary<T> {
  if (domain.openSizes.length === 0) return draw(domain, domain.givenSizes);
  if (sizeChoices) return fc.constantFrom(...sizeChoices).chain((sizes) => draw(domain, sizes));
  return fc
    .tuple(...domain.openSizes.map(() => fc.integer({ min, max })))
    .chain((drawn) => draw(domain, new Map([...domain.givenSizes, ...pairs(domain.openSizes, drawn)])));
}

/** Drawing more would take minutes, and more memory than there is. */
const mostDrawn = 2 ** 20;

function requireFew(drawn: readonly DeclaredLeaf[], sizes: Sizes): void {
  const count = drawn.reduce((sum, { expr }) => sum + countOf(drawnShape(expr.shape, sizes)), 0);
  if (count <= mostDrawn) return;
  throw new LimitError(`a random point has ${count} numbers with these sizes; the limit is ${mostDrawn}.`, {
    notes: ["Give data, which are not drawn, or smaller sizes."],
  });
}

function valuesAt(model: CompilableModel, domain: Domain, sizes: Sizes, options: PointOptions): fc.Arbitrary<Point> {
  const given = domain.givenValues(sizes);
  const drawn = domain.leaves.filter(({ name }) => !given.has(name));
  requireFew(drawn, sizes);
  const region = options.region ?? regions[0]!;
  return named(
    drawn.map((leaf, number) => {
      const { name, expr } = leaf;
      const bounds = boundsOf(leaf, region, sizes, model);
      return [name, tensors(drawnShape(expr.shape, sizes), { bounds, dtype: expr.dtype, number })];
    }),
  ).map((values) => ({ sizes, values: new Map([...given, ...values]) }));
}

/** One value for each name, as a map. */
function named<T>(entries: readonly (readonly [string, fc.Arbitrary<T>])[]): fc.Arbitrary<Map<string, T>> {
  return fc.tuple(...entries.map(([, arbitrary]) => arbitrary)).map(
    (values) =>
      new Map(
        pairs(
          entries.map(([name]) => name),
          values,
        ),
      ),
  );
}

const pairs = <T>(names: readonly string[], values: readonly T[]) =>
  names.map((name, at) => [name, values[at]!] as const);

export interface RecipeOptions extends ProgramOptions {
  /** How many instructions at most. Default: 12. */
  readonly longest?: number;
}

const whole = fc.nat({ max: 9999 });

function recipes({ longest = 12 }: RecipeOptions): fc.Arbitrary<Recipe> {
  const instruction = fc.record({ operation: whole, a: whole, b: whole, c: whole });
  return fc.record({
    instructions: fc.array(instruction, { minLength: 1, maxLength: longest, size: "max" }),
    rows: fc.nat({ max: 3 }),
    columns: fc.nat({ max: 2 }),
    seed: fc.nat({ max: 999 }),
  });
}

/** Random programs with sizes and numbers; leaving instructions out shrinks them. Printed as graphs. */
export function programs(options: RecipeOptions = {}): fc.Arbitrary<RandomProgram> {
  return recipes(options).map((recipe) => {
    const program = elaborate(recipe, options);
    return printable(program, program);
  });
}

/** Random whole models: every primitive, views, sums of products, reductions; any point drawn for them is inside. */
export function models(options: RecipeOptions = {}): fc.Arbitrary<CompilableModel> {
  return programs(options).map((program) => printable(modelOf(program), program));
}

const printable = <T extends object>(value: T, { output }: RandomProgram): T =>
  Object.assign(value, { [fc.toStringMethod]: () => showGraph([output]) });
