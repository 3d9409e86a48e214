import type { Body } from "../ir/bodies/body.ts";
import type { ErrorDetails } from "../ir/errors.ts";
import { UnitError } from "../ir/errors.ts";
import { type Expr, Graph } from "../ir/graph.ts";
import type { Call, Kernel } from "../ir/operation.ts";
import type { Primitive } from "../ir/primitive.ts";
import type { Span } from "../ir/source.ts";
import { place } from "../ir/source.ts";
import { idsUnder, reachableIds } from "../ir/walks/traverse.ts";
import { pow } from "../ops/elementary/powers.ts";
import { parseScheme, type Scheme, schemeTextOf } from "./scheme.ts";
import { UnitSystem } from "./system.ts";
import { Unit } from "./unit.ts";

/** A unit that a model states: of a leaf, or of a value that passes through an identity made for it. */
export interface StatedUnit {
  readonly name: string;
  readonly unit: Unit;
  readonly span?: Span | undefined;
}

export interface StatedUnits {
  readonly leaves: ReadonlyMap<Expr, StatedUnit>;
  /** Identities, one made for each definition with a unit: a plain number takes the unit, anything else must have it. */
  readonly quantities: ReadonlyMap<Primitive, StatedUnit>;
}

/** What the units of a graph came out as. */
export interface InferredUnits {
  readonly errors: readonly UnitError[];
  /** The unit of a node; undefined for a value that is zero throughout, which has every unit. */
  unitOf(node: Expr): Unit | undefined;
}

/** Zero, infinity and NaN have every unit. */
const every = undefined;
type UnitOrEvery = Unit | typeof every;

/** More errors than this help nobody. */
const mostErrors = 20;

/**
 * The units of every node that the roots need: those of leaves are stated or unknown, numbers are pure, and every
 * operation brings its equations (Kennedy 1997, relational parametricity and units of measure). Differentiation and
 * units know nothing of each other: a gradient comes out in units of loss per parameter because its graph says so.
 */
export function inferUnits(roots: readonly Expr[], stated: StatedUnits): InferredUnits {
  const inference = new Inference(stated);
  const graph = roots[0]?.graph;
  if (graph) {
    for (const id of idsUnder(roots)) {
      inference.visit(graph.expr(id));
    }
  }
  return inference;
}

class Inference implements InferredUnits {
  readonly errors: UnitError[] = [];
  private readonly system = new UnitSystem();
  private readonly units = new Map<Expr, UnitOrEvery>();
  private readonly schemes = new Map<Primitive, Scheme>();
  private readonly stated: StatedUnits;

  constructor(stated: StatedUnits) {
    this.stated = stated;
  }

  unitOf(node: Expr): Unit | undefined {
    const unit = this.units.get(node);
    return unit && this.system.settle(unit);
  }

  visit(node: Expr): void {
    if (node.kind !== "operation") {
      this.units.set(node, this.unitOfNode(node));
      return;
    }
    const call = node.graph.call(node.id);
    const units = this.ofCall(node, call);
    for (const [k, result] of call.results.entries()) this.units.set(result, units[k]);
  }

  private of(node: Expr): UnitOrEvery {
    return this.units.get(node);
  }

  private unitOfNode(node: Expr): UnitOrEvery {
    const { graph } = node;
    switch (node.kind) {
      case "leaf":
        return this.stated.leaves.get(node)?.unit ?? (node.dtype === "real" ? this.system.fresh() : Unit.one);
      case "constant": {
        const value = node.constant!;
        return value === 0 || !Number.isFinite(value) ? every : Unit.one;
      }
      case "tensor":
      case "iota":
      case "size":
        return Unit.one;
      case "contraction":
        return this.ofProduct(node);
      case "reduce":
        return graph.combineOf(node.id) === "prod" ? this.pure(node, factorsOf(node)) : this.of(factorsOf(node)[0]!);
      case "map":
        return this.ofMap(node);
      case "operation":
        return this.of(node);
    }
  }

  /** The units of a call's results. Bodies bring their equations, with the units of what they are given. */
  private ofCall(node: Expr, { operation, operands, results }: Call): UnitOrEvery[] {
    const given = operands.map((operand) => this.of(operand));
    switch (operation.kind) {
      case "kernel":
        if (operation.units) return this.applied(node, parseScheme(operation.units));
        return results.map(({ dtype }) => (dtype === "real" ? this.system.fresh() : Unit.one));
      case "scan": {
        const firsts = given.slice(0, operation.carries).map((unit) => unit ?? this.system.fresh());
        const roots = this.ofBody(operation.body, [...firsts, ...given.slice(operation.carries), Unit.one]);
        this.keepsUnits(node, firsts, roots);
        return roots.map((unit, k) => firsts[k] ?? unit);
      }
      case "while": {
        const firsts = given.slice(0, operation.carries).map((unit) => unit ?? this.system.fresh());
        const roots = this.ofBody(operation.body, [...firsts, ...given.slice(operation.carries)]);
        this.keepsUnits(node, firsts, roots);
        return [...firsts, Unit.one];
      }
      case "implicit": {
        // a number that says where to begin has the unit of what it begins
        const isNumber = operands[0]!.kind === "constant" || operands[0]!.kind === "tensor";
        const unknown = isNumber ? this.system.fresh() : (given[0] ?? this.system.fresh());
        this.ofBody(operation.residual, [unknown, ...given.slice(1)]);
        return [unknown, Unit.one];
      }
      case "choice": {
        const [yes, no] = [operation.yes, operation.no].map((body) => this.ofBody(body, given.slice(1)));
        return yes!.map((unit, k) => {
          const other = no![k]!;
          if (unit !== every && other !== every && !this.system.equate(unit, other)) this.clash(node, unit, other);
          return unit === every ? other : unit;
        });
      }
      case "definition":
        return this.ofBody(operation.body, given);
    }
  }

  private ofBody({ graph, parameters, roots }: Body, given: readonly UnitOrEvery[]): UnitOrEvery[] {
    const known = new Set(parameters);
    for (const [k, parameter] of parameters.entries()) this.units.set(parameter, given[k]);
    const ids = idsUnder(roots);
    for (const id of ids) if (!known.has(graph.expr(id))) this.visit(graph.expr(id));
    return roots.map((root) => this.of(root));
  }

  /** A carry has one unit in every step. */
  private keepsUnits(node: Expr, firsts: readonly Unit[], next: readonly UnitOrEvery[]): void {
    for (const [k, first] of firsts.entries()) {
      const unit = next[k];
      if (unit === every || this.system.equate(first, unit)) continue;
      const [was, becomes] = [first, unit].map((each) => this.system.settle(each).text);
      const summary = `unit mismatch: a carry keeps its unit, and one begins in ${was} and becomes ${becomes}.`;
      this.report(node, summary, this.origins(node.operands));
    }
  }

  private ofProduct(node: Expr): UnitOrEvery {
    let product: Unit = Unit.one;
    for (const factor of factorsOf(node)) {
      const unit = this.of(factor);
      if (unit === every) return every;
      product = product.times(unit);
    }
    return this.system.settle(product);
  }

  private ofMap(node: Expr): UnitOrEvery {
    const primitive = node.graph.primitiveOf(node.id);
    const quantity = this.stated.quantities.get(primitive);
    if (quantity) return this.ofQuantity(node, quantity);
    if (primitive === pow.primitive) return this.ofPower(node);
    const scheme = this.schemeOf(primitive);
    return this.applied(node, scheme)[0];
  }

  private applied(node: Expr, scheme: Scheme): UnitOrEvery[] {
    const { operands } = node;
    const variables = new Map<string, UnitOrEvery>();
    let isZero = false;
    for (const [position, operand] of operands.entries()) {
      if (operand.dtype === "bool") continue;
      const needed = scheme.operands[position] ?? scheme.operands[scheme.operands.length - 1]!;
      const unit = this.of(operand);
      const letters = [...needed.exponents.keys()] as string[];
      if (unit === every) {
        // a zero factor makes the product zero; a zero term takes the unit of the others
        if (
          letters.length > 0 &&
          !operands.some((other) => other !== operand && sharesLetter(scheme, other, letters))
        ) {
          isZero = true;
        }
        continue;
      }
      const [letter] = letters;
      if (letter !== undefined && !variables.has(letter) && letters.length === 1) {
        const { over, under } = needed.exponents.get(letter)!;
        variables.set(letter, unit.power(under, over));
        continue;
      }
      const expected = instantiate(needed, variables);
      if (expected !== every && !this.system.equate(unit, expected)) this.clash(node, expected, unit);
    }
    return scheme.results.map((term) => {
      const result = isZero ? every : instantiate(term, variables);
      return result && this.system.settle(result);
    });

    function sharesLetter(rule: Scheme, other: Expr, letters: readonly string[]): boolean {
      const position = operands.indexOf(other);
      const unit = rule.operands[position] ?? rule.operands[rule.operands.length - 1]!;
      return letters.some((letter) => unit.exponents.has(letter));
    }
  }

  /** x^p: a constant p scales the exponents of x; any other p needs pure numbers. */
  private ofPower(node: Expr): UnitOrEvery {
    const [x, p] = node.operands as [Expr, Expr];
    const exponent = p.constant;
    const unit = this.of(x);
    if (exponent === undefined || !Number.isFinite(exponent)) return this.pure(node, [x, p]);
    if (unit === every) return exponent === 0 ? Unit.one : every;
    const fraction = asFraction(exponent);
    return fraction ? unit.power(...fraction) : this.pure(node, [x]);
  }

  private ofQuantity(node: Expr, { name, unit }: StatedUnit): Unit {
    const [value] = node.operands as [Expr];
    const found = this.of(value);
    const isNumber = value.kind === "constant" || (value.kind === "contraction" && this.isPlain(value));
    if (found !== every && !(isNumber && found.isOne) && !this.system.equate(found, unit)) {
      this.report(
        node,
        `"${name}" is declared in ${unit.text}, but its value is in ${this.system.settle(found).text}.`,
        this.origins([value]),
      );
    }
    return unit;
  }

  /** True for views and sums of constants alone. */
  private isPlain(node: Expr): boolean {
    return node.operands.every((operand) => operand.kind === "constant" || operand.kind === "tensor");
  }

  private pure(node: Expr, operands: readonly Expr[]): Unit {
    for (const operand of operands) {
      const unit = this.of(operand);
      if (unit !== every && !this.system.equate(unit, Unit.one)) this.clash(node, Unit.one, unit);
    }
    return Unit.one;
  }

  private clash(node: Expr, expected: Unit, found: Unit): void {
    const needed = this.system.settle(expected);
    const came = this.system.settle(found);
    const what = operationText(node);
    const summary = needed.isOne
      ? `unit mismatch: ${what} needs pure numbers, got ${came.text}.`
      : `unit mismatch: ${what} needs equal units, got ${needed.text} and ${came.text}.`;
    const wayOut =
      came.isOne && !needed.isOne
        ? [`A number with a unit is declared: write "const c in ${needed.text} = ..." before it.`]
        : needed.isOne
          ? [`Divide by a quantity in ${came.text} first.`]
          : [];
    this.report(node, summary, [...this.origins(node.operands), ...wayOut]);
  }

  private report(node: Expr, summary: string, notes: readonly string[]): void {
    if (this.errors.length >= mostErrors) return;
    const origin = node.graph.originOf(node.id);
    const details: ErrorDetails =
      typeof origin === "object" ? { span: origin, notes } : { notes: origin ? [origin, ...notes] : notes };
    const isNew = this.errors.every((error) => error.summary !== summary || error.span !== details.span);
    if (isNew) this.errors.push(new UnitError(summary, details));
  }

  /** Where the units below some nodes were stated: a few of the nearest. */
  private origins(nodes: readonly Expr[]): string[] {
    const [first] = nodes;
    if (!first) return [];
    const ids = reachableIds(
      first.graph,
      nodes.map((node) => node.id),
    ).reverse();
    const notes: string[] = [];
    for (const id of ids) {
      const node = first.graph.expr(id);
      const stated =
        this.stated.leaves.get(node) ??
        (node.kind === "map" ? this.stated.quantities.get(first.graph.primitiveOf(id)) : undefined);
      if (!stated) continue;
      const where = stated.span
        ? ` is declared at ${place(stated.span).split(":").slice(-2).join(":")}`
        : " is declared";
      notes.unshift(`${stated.name}: in ${stated.unit.text}${where}.`);
      if (notes.length === 4) break;
    }
    return notes;
  }

  /** The rule of a primitive; that of a program is found by inferring the program on unknowns. */
  private schemeOf(primitive: Primitive): Scheme {
    const known = this.schemes.get(primitive);
    if (known) return known;
    const text = schemeTextOf(primitive);
    const scheme = text === undefined ? schemeOfProgram(primitive) : parseScheme(text);
    this.schemes.set(primitive, scheme);
    return scheme;
  }
}

/** What is multiplied or compared: operands that stand in indices and guards alone are none of it. */
function factorsOf({ graph, id, operands }: Expr): Expr[] {
  return graph.contractionOf(id).factors.map(({ operand }) => operands[operand]!);
}

/** The most general scheme of a primitive's program: what its equations leave free is a variable. */
function schemeOfProgram(primitive: Primitive): Scheme {
  const graph = new Graph();
  const arity = primitive.arity === "variadic" ? 2 : primitive.arity;
  const operands = Array.from({ length: arity }, (_, k) =>
    graph.data(`x${k}`, [], primitive.operands?.[k] ?? primitive.operands?.[0] ?? "real"),
  );
  const result = primitive.program!(...operands);
  const inferred = inferUnits([...operands, result], { leaves: new Map(), quantities: new Map() });
  const letters = new Map<number, string>();
  const lettered = (unit: Unit): Unit => {
    let renamed = unit;
    for (const unknown of unit.unknowns) {
      const letter = letters.get(unknown) ?? `${unknown}`;
      letters.set(unknown, letter);
      renamed = renamed.replace(unknown, Unit.base(letter));
    }
    return renamed;
  };
  return {
    operands: operands.map((operand) => lettered(inferred.unitOf(operand) ?? Unit.one)),
    results: [lettered(inferred.unitOf(result) ?? Unit.one)],
  };
}

function instantiate(term: Unit, variables: ReadonlyMap<string, UnitOrEvery>): UnitOrEvery {
  let unit = Unit.one;
  for (const [letter, { over, under }] of term.exponents) {
    const value = variables.get(letter as string);
    if (value === every) return every;
    unit = unit.times(value.power(over, under));
  }
  return unit;
}

/** A decimal as a ratio with a small denominator, where it is one exactly enough to be meant. */
function asFraction(value: number): readonly [number, number] | undefined {
  for (let under = 1; under <= 12; under++) {
    const over = Math.round(value * under);
    if (Math.abs(over / under - value) <= 2 ** -50 * Math.abs(value)) return [over, under];
  }
  return undefined;
}

const signs: Readonly<Record<string, string>> = {
  add: "+",
  sub: "-",
  less: "<",
  lessEqual: "<=",
  greater: ">",
  greaterEqual: ">=",
  equal: "==",
  notEqual: "!=",
  pow: "^",
};

function operationText(node: Expr): string {
  const { graph, id, kind } = node;
  if (kind === "reduce") return graph.combineOf(id);
  const { name } = kind === "operation" ? (graph.operationOf(id) as Kernel) : graph.primitiveOf(id);
  return signs[name] ?? name;
}
