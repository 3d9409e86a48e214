import { gradient } from "../../src/autodiff/derivatives.ts";
import { allExtensions } from "../../src/extensions/all.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import type { Interval } from "../../src/ir/primitive.ts";
import { sum } from "../../src/ops/arrays/contractions.ts";
import { factsOf } from "../../src/rewrite/facts/facts.ts";
import { type Bindings, instantiate, isConstantVariable, variablesOf } from "../../src/rewrite/pattern.ts";
import type { ListName, Pair, Rule } from "../../src/rewrite/rule.ts";
import { alone, granted } from "./context.ts";
import { domainOf } from "./domains.ts";

/** A rule written as a pair. */
export type PairRule = Rule & { readonly pair: Pair };

export const isPair = (rule: Rule): rule is PairRule => rule.pair !== undefined;

/** A pair of expressions at sample points: values, and derivatives with respect to every real variable. */
export interface Sample {
  readonly point: readonly number[];
  readonly left: number;
  readonly right: number;
  readonly slopes: readonly (readonly [left: number, right: number])[];
}

const everywhere = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2,
  -3,
  1.25,
  7,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];
const extremes = [
  Number.MIN_VALUE,
  -Number.MIN_VALUE,
  1e-160,
  1e160,
  -1e160,
  Number.MAX_VALUE,
  709.5,
  -745.5,
  2 ** 53 + 2,
];
const moderate = [0, 1, -1, 0.5, -0.5, 2, -3, 1.25, 7, -6.75];
const constants = [2, 0.5, -1, -3, 4, 0.25, 3, -2, 5, 0, -0];
const count = 240;

/** Deterministic and plain: a failure names its point. */
function* scaledIntegers(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    yield ((state >>> 8) % 4096) / 256 - 8 + 1 / 1024;
  }
}

function valuesFor(list: ListName, domain: Interval | undefined, seed: number): number[] {
  const random = scaledIntegers(seed);
  const fixed = domain ? [] : list === "exact" ? [...everywhere, ...extremes] : moderate;
  const draw = () => random.next().value as number;
  return Array.from({ length: count }, (_, at) => {
    // a third of the points has all variables equal: ties
    const tie = at % 3 === 0;
    const pick = fixed[(tie ? at / 3 : Math.floor(Math.abs(draw()) * 1000)) % (fixed.length * 2 || 1)];
    if (pick !== undefined) return pick;
    const value = tie ? (scaledIntegers(at).next().value as number) : draw();
    return domain ? placed(value, domain, list) : value;
  });
}

/** A number in [-8, 8) moved into an interval; its ends come up too. */
function placed(value: number, [low, high]: Interval, list: ListName): number {
  const part = (value + 8) / 16;
  const isOpen = !Number.isFinite(low) || !Number.isFinite(high);
  if (!isOpen && part < 0.05) return low;
  if (!isOpen && part > 0.95) return high;
  if (!isOpen) return low + (high - low) * part;
  if (list === "exact" && part < 0.05) return Number.isFinite(low) ? low : high;
  const size = 2 ** (12 * part - 8);
  return Number.isFinite(low) ? low + size : Number.isFinite(high) ? high - size : value;
}

/** True when the rule applies to its own left side. */
export function answersItself(rule: Rule): boolean {
  if (!isPair(rule)) return false;
  return constantChoices(rule).some((constantValues) => {
    const sides = sidesOf(rule, "exact", constantValues);
    return sides !== undefined && rule.apply(sides.left, sides.context) !== undefined;
  });
}

/** True when, somewhere, none of the rules that are asked before it has already changed its own left side. */
export function meetsItself(rule: PairRule, earlier: readonly Rule[]): boolean {
  return constantChoices(rule).some((constantValues) => {
    const sides = sidesOf(rule, "exact", constantValues);
    if (!sides) return false;
    const { left, context } = sides;
    const facts = factsOf(context.graph);
    return [false, true].some((isUsed) => {
      const isShared = () => isUsed;
      if (!rule.apply(left, { ...context, isShared })) return false;
      return !earlier.some((other) => startsFrom(other, left) && other.apply(left, { ...context, facts, isShared }));
    });
  });
}

/** Whether a rule looks at a node, by its primitive and those of its operands. */
const startsFrom = ({ roots, operands = [] }: Rule, { graph, id, operands: given }: Expr) =>
  (roots.includes("map") || roots.includes(graph.primitiveOf(id))) &&
  operands.every((each) => typeof each !== "object" || given.some((node) => primitiveOf(node) === each));

const primitiveOf = ({ kind, graph, id }: Expr) => (kind === "map" ? graph.primitiveOf(id) : undefined);

/** Evaluates both sides of a pair wherever its own condition on constants holds. */
export function samplesOf(rule: PairRule, list: ListName): Sample[] {
  return constantChoices(rule).flatMap((constantValues) => samplesWith(rule, list, constantValues));
}

/** Values for the constant variables of a pair, every combination. */
function constantChoices(rule: PairRule): ReadonlyMap<Expr, number>[] {
  const constantVariables = variablesOf(rule.pair.left).filter(isConstantVariable);
  const domains = domainOf(rule);
  const choices = constantVariables.reduce<number[][]>(
    (chosen, variable) => {
      const domain = domains.get(variable);
      const more = [...constants, 0.75, 1.5, -16, -2];
      const pool = domain ? more.filter((value) => value >= domain[0] && value <= domain[1]) : constants;
      return chosen.flatMap((values) => pool.map((value) => [...values, value]));
    },
    [[]],
  );
  return choices.map((values) => new Map(constantVariables.map((variable, k) => [variable, values[k]!])));
}

/** Both sides over leaves, and what the leaves hold; undefined where the rule does not apply to these constants. */
function sidesOf(rule: PairRule, list: ListName, constantValues: ReadonlyMap<Expr, number>) {
  const { pair } = rule;
  const domains = domainOf(rule);
  const graph = new Graph(allExtensions);
  const shape = [Integer.constant(count)];
  const variables = variablesOf(pair.left).filter((variable) => !isConstantVariable(variable));
  const bound = new Map<Expr, Expr>();
  const values = new Map<Expr, readonly number[]>();
  for (const [at, variable] of variables.entries()) {
    const isCondition = variable.dtype === "bool";
    const leaf = isCondition ? graph.data(`p${at}`, shape, "bool") : graph.param(`x${at}`, shape);
    const drawn = valuesFor(list, domains.get(variable), at + 1);
    values.set(leaf, isCondition ? drawn.map((value) => (value > 0 ? 1 : 0)) : drawn);
    bound.set(variable, leaf);
  }
  for (const [variable, value] of constantValues) bound.set(variable, graph.constant(value, shape));
  const bindings: Bindings = (variable) => bound.get(variable)!;
  const context = alone(graph, granted);
  if (pair.where && !pair.where(bindings, context)) return undefined;
  const left = instantiate(pair.left, bindings, bindings(variables[0]!));
  const right = typeof pair.right === "function" ? pair.right(bindings) : instantiate(pair.right, bindings, left);
  return right && { left, right, leaves: variables.map(bindings), values, context };
}

function samplesWith(rule: PairRule, list: ListName, constantValues: ReadonlyMap<Expr, number>): Sample[] {
  const sides = sidesOf(rule, list, constantValues);
  if (!sides) return [];
  const { left, right, leaves, values } = sides;
  const varies = left.dtype === "real" && rule.phase !== "last";
  const reals = leaves.filter(({ dtype }) => varies && dtype === "real");
  const slopes = reals.length > 0 ? [left, right].map((side) => gradient(sum(side), reals)) : [];
  const results = interpret([left, right, ...slopes.flat()], { sizes: new Map(), values }, realField);
  const [leftValues, rightValues, ...slopeValues] = results as [number[], number[], ...number[][]];
  return leftValues.map((value, at) => ({
    point: [...leaves.map((leaf) => values.get(leaf)![at]!), ...constantValues.values()],
    left: value,
    right: rightValues[at]!,
    slopes: reals.map((_, k) => [slopeValues[k]![at]!, slopeValues[reals.length + k]![at]!] as const),
  }));
}
