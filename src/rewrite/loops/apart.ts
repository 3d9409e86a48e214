import { isGather, neverHolds } from "../../ir/contraction.ts";
import type { Expr } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { idsUnder } from "../../ir/walks/traverse.ts";
import { contract, type Read, termsOf } from "../../ops/arrays/contractions.ts";
import { add } from "../../ops/elementary/algebra.ts";
import { isMap } from "../../ops/maps.ts";
import { elementAt, isConstant } from "../forms/contractions/splat.ts";
import { fixIterator, rangeOf, type Terms } from "../forms/contractions/terms.ts";

/** Axes of so many elements or fewer are taken apart. */
const longest = 8;

export const isShort = ({ value }: Integer): boolean => value !== undefined && value >= 2 && value <= longest;

/** A node by its elements along an axis. */
export interface Apart {
  readonly axis: number;
  readonly parts: readonly Expr[];
  /** The variables whose elements these are made of, one by one: as one array the node is no more. Without any it is both. */
  readonly variables: ReadonlySet<Expr>;
  /** True where single elements are put together. */
  readonly isPut: boolean;
}

/** Nodes by their elements, once some variables are taken apart along an axis. */
export class ByElements {
  /** The variables that are read in other ways than element by element. */
  readonly refused = new Set<Expr>();
  private readonly known = new Map<Expr, Apart>();
  private readonly forms = new Map<Expr, Expr>();

  constructor(roots: readonly Expr[], axisOf: ReadonlyMap<Expr, number>) {
    const { graph } = roots[0]!;
    for (const [variable, axis] of axisOf) {
      const shape = without(variable.shape, axis);
      const parts = positions(variable, axis).map(() => graph.variable(shape));
      this.known.set(variable, { axis, parts, variables: new Set([variable]), isPut: false });
    }
    for (const id of idsUnder(roots)) {
      const node = graph.expr(id);
      if (node.operands.length > 0) this.take(node);
      if (this.refused.size > 0) return;
    }
  }

  /** What is there of a node that is no array any more. */
  partsOf(node: Expr): Apart | undefined {
    const apart = this.known.get(node);
    return apart && apart.variables.size > 0 ? apart : undefined;
  }

  /** True of a node that is put together of single elements along the axis. */
  isPut(node: Expr, axis: number): boolean {
    const apart = this.known.get(node);
    return apart !== undefined && apart.axis === axis && apart.isPut;
  }

  /** A node that is still an array, over the elements of variables. */
  formOf(node: Expr): Expr {
    return this.forms.get(node) ?? node;
  }

  /** Element k of a node along an axis. */
  elementOf(node: Expr, axis: number, k: number): Expr {
    const apart = this.known.get(node);
    if (apart?.axis === axis) return apart.parts[k]!;
    this.refuse(node);
    return elementAt(this.formOf(node), axis, Integer.constant(k));
  }

  private refuse(node: Expr): void {
    for (const variable of this.partsOf(node)?.variables ?? []) this.refused.add(variable);
  }

  private take(node: Expr): void {
    if (node.kind === "map") this.takeMap(node);
    else if (node.kind === "contraction") this.takeSum(node);
    else for (const operand of node.operands) this.refuse(operand);
    if (this.forms.has(node) || this.partsOf(node)) return;
    const operands = node.operands.map((operand) => this.formOf(operand));
    if (operands.some((operand, k) => operand !== node.operands[k])) {
      this.forms.set(node, node.graph.withOperands(node.id, operands));
    }
  }

  private takeMap(node: Expr): void {
    const { graph, id, operands } = node;
    const apart = operands.map((operand) => this.known.get(operand)).filter((each) => each !== undefined);
    const first = apart.find(({ variables }) => variables.size > 0) ?? apart[0];
    if (!first) return;
    const { axis } = first;
    const parts = first.parts.map((_, k) => {
      const elements = operands.map((operand) => this.elementOf(operand, axis, k));
      return isMap(node, add) ? sumOf(elements) : graph.map(graph.primitiveOf(id), elements);
    });
    const variables = new Set(apart.flatMap((each) => [...each.variables]));
    this.known.set(node, { axis, parts, variables, isPut: apart.some((each) => each.isPut && each.axis === axis) });
  }

  /** A sum reads single elements: iterators that run over them are fixed, to one position after the other. */
  private takeSum(node: Expr): void {
    const terms = termsOf(node);
    const rank = node.shape.length;
    const isOne = isGather(node.graph.contractionOf(node.id));
    const seen = terms.factors.filter(({ of }) => this.known.has(of));
    const reads = seen.filter(({ of }) => this.partsOf(of));
    const runsOf = (list: readonly Read[]) => new Set(list.flatMap((read) => this.indexAlong(read).iterators()));
    const runs = [...runsOf(reads)].sort((a, b) => b - a);
    const summed = runs.filter((iterator) => iterator >= rank);
    const [along, ...others] = runs.slice(summed.length);
    const isClear =
      isOne &&
      others.length === 0 &&
      reads.every((read) =>
        this.indexAlong(read)
          .atoms()
          .every(({ kind }) => kind === "iterator"),
      ) &&
      runs.every((iterator) => isShort(terms.extents[iterator]!)) &&
      summed.every((iterator) => this.runsOverElementsAlone(terms, iterator)) &&
      terms.lookups.every((operand) => !this.partsOf(operand) || terms.factors.some(({ of }) => of === operand));
    if (reads.length > 0 && !isClear) {
      for (const { of } of reads) this.refuse(of);
      return;
    }
    const put = isOne ? axisOfPlace(node, terms) : undefined;
    const isOver = (iterator: number) => isOne && iterator < rank && isShort(node.shape[iterator]!);
    const axis = along ?? put ?? [...runsOf(seen)].find(isOver);
    if (along === undefined && (reads.length > 0 || axis !== undefined))
      this.forms.set(node, this.sumOver(terms, summed));
    if (axis === undefined) return;
    const { output, shape } = terms;
    const part = { ...terms, output: without(output, axis), shape: without(shape, axis) };
    const inside = summed.map((iterator) => iterator - 1);
    const parts = positions(node, axis).map((k) => this.sumOver(fixIterator(part, axis, Integer.constant(k)), inside));
    const moving = seen.filter((read) => runsOf([read]).has(axis)).map(({ of }) => this.known.get(of)!);
    this.known.set(node, {
      axis,
      parts,
      variables: new Set(moving.flatMap(({ variables }) => [...variables])),
      isPut: put === axis || moving.some(({ isPut }) => isPut),
    });
  }

  private indexAlong({ of, index }: Read): Integer {
    return index[this.known.get(of)!.axis]!;
  }

  /** True of a summed iterator that tells apart nothing but elements of what is taken apart. */
  private runsOverElementsAlone({ factors, output }: Terms, iterator: number): boolean {
    const isThere = (index: Integer) => index.iterators().includes(iterator);
    return (
      !output.some(isThere) &&
      factors.every(({ of, index }) => {
        const axis = this.partsOf(of)?.axis;
        return index.every((each, at) => at === axis || !isThere(each));
      })
    );
  }

  /** The sum over all positions of some iterators, the last of the domain first, with elements in the place of their reads. */
  private sumOver(terms: Terms, iterators: readonly number[]): Expr {
    let all: Terms[] = [terms];
    for (const iterator of iterators) {
      const values = Array.from({ length: terms.extents[iterator]!.value! }, (_, k) => Integer.constant(k));
      all = values.flatMap((value) => all.map((each) => fixIterator(each, iterator, value)));
    }
    const present = all.filter(({ guards, factors }) => ![...guards, ...factors.flatMap(rangeOf)].some(neverHolds));
    const { graph } = terms.factors[0]!.of;
    if (present.length === 0) return graph.constant(0, terms.shape);
    const parts = present.map((each) => {
      const factors = each.factors.map((read) => this.readElement(read));
      return contract({ ...each, factors, lookups: each.lookups.map((operand) => this.formOf(operand)) });
    });
    return sumOf(parts);
  }

  private readElement({ of, index }: Read): Read {
    const apart = this.known.get(of);
    const position = apart && index[apart.axis]!.value;
    if (position === undefined) return { of: this.formOf(of), index };
    return { of: apart!.parts[position]!, index: without(index, apart!.axis) };
  }
}

/** The sum without zeros where nothing was put. */
function sumOf(terms: readonly Expr[]): Expr {
  const present = terms.filter((term) => !isConstant(term, 0));
  return present.length > 1 ? add(...present) : (present[0] ?? terms[0]!);
}

const without = <T>(list: readonly T[], position: number): T[] => list.filter((_, at) => at !== position);

export const positions = ({ shape }: Expr, axis: number): number[] =>
  Array.from({ length: shape[axis]!.value! }, (_, k) => k);

/** The short axis along which all but one element of a contraction is 0, as in an array that is put together. */
function axisOfPlace({ dtype, shape }: Expr, { guards, factors }: Terms): number | undefined {
  if (dtype !== "real") return undefined;
  for (const { index, extent } of [...guards, ...factors.flatMap(rangeOf)]) {
    const iterator = extent?.value === 1 ? index.unitIterator() : undefined;
    if (iterator?.offset.value === undefined || iterator.iterator >= shape.length) continue;
    if (isShort(shape[iterator.iterator]!)) return iterator.iterator;
  }
  return undefined;
}
