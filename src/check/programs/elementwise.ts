import type { Expr } from "../../ir/graph.ts";
import type { Primitive } from "../../ir/primitive.ts";
import { mul } from "../../ops/elementary/algebra.ts";
import { toInt, toReal } from "../../ops/elementary/cast.ts";
import {
  and,
  equal,
  greater,
  greaterEqual,
  isFiniteReal,
  isNaNReal,
  less,
  lessEqual,
  max,
  not,
  notEqual,
  or,
  select,
} from "../../ops/elementary/comparison.ts";
import { floorDiv } from "../../ops/elementary/rounding.ts";
import { operationFamilies, operations } from "../../ops/registry.ts";
import { randomNormal, randomUniform } from "../../ops/special/random.ts";
import { applied, type Bounded, largest } from "./boxes.ts";
import { idioms, masks } from "./idioms.ts";
import { magnitude, within } from "./kinds.ts";

// What the instructions of a random program do to elements.

/** Values of one shape in, a value of that shape out. */
export type Elementwise = (x: Bounded, y: Bounded, z: Bounded) => Bounded;

const eitherOf = (condition: Expr, x: Bounded, y: Bounded): Bounded =>
  within(select(condition, x.node, y.node), Math.max(magnitude(x), magnitude(y)));

const conditions = [less, lessEqual, greater, greaterEqual, equal, notEqual];

/** Primitives that take or give conditions and ints, each in a composition of reals. */
const typed: readonly Elementwise[] = [
  ...conditions.map(
    (compare): Elementwise =>
      (x, y, z) =>
        eitherOf(compare(z.node, 0.3), x, y),
  ),
  (x, y, z) => eitherOf(and(less(x.node, z.node), greater(z.node, -0.7)), x, y),
  (x, y, z) => eitherOf(or(less(x.node, y.node), greater(z.node, 0.7)), x, y),
  (x, y, z) => eitherOf(not(less(x.node, z.node)), x, y),
  (x, y, z) => eitherOf(isFiniteReal(z.node), x, y),
  (x, y, z) => eitherOf(isNaNReal(z.node), x, y),
  (x, y) => within(toReal(floorDiv(toInt(x.node), toInt(max(y.node, 1)))), largest),
  (x, _, z) => within(mul(x.node, randomUniform(7, 1, toInt(z.node))), magnitude(x)),
  (_x, _y, z) => within(randomNormal(7, 2, toInt(z.node)), 9),
];

/** Primitives that break the derivative, or jump: at an unlucky point rounding decides between two sides. */
const broken: ReadonlySet<string> = new Set(
  "floor ceil trunc round sign step mod abs max min clamp relu leakyRelu elu selu softsign huber".split(" "),
);

const ofReals = ({ operands, result }: Primitive) =>
  operands === undefined && (result === undefined || result === "real" || result === "same");

const registered: readonly Primitive[] = [
  ...[...operations.values()].map(({ primitive }) => primitive).filter(ofReals),
  ...[...operationFamilies.values()].map((family) => family(family.lowestOrder).primitive).filter(ofReals),
].filter((primitive, position, all) => all.indexOf(primitive) === position);

function elementwise(primitive: Primitive): Elementwise {
  const { arity } = primitive;
  return (x, y, z) => applied(primitive, [x, y, z].slice(0, arity === "variadic" ? 2 + (z.node.id % 2) : arity));
}

const arithmetic = ["add", "sub", "mul", "mul", "neg", "sin", "tanh", "exp", "square"];
const common = arithmetic.map((name) => elementwise(operations.get(name)!.primitive));

/** Every primitive of the registry with a derivative everywhere, the ordinary ones more often. */
export const smooth: readonly Elementwise[] = [
  ...common,
  ...common,
  ...registered.filter(({ name }) => !broken.has(name)).map(elementwise),
  (x) => within(operations.get("mul")!(x.node, 3), 3 * magnitude(x)),
  (x) => within(operations.get("add")!(x.node, 1), 1 + magnitude(x)),
  ...idioms,
];

export const kinked: readonly Elementwise[] = [
  ...registered.filter(({ name }) => broken.has(name)).map(elementwise),
  ...typed,
  ...masks,
];
