import type { Shape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { addressBy, addressOf, isSingleAtom, stridesOf } from "../items/indices.ts";
import type { Value } from "../program/loops.ts";
import { Blocks } from "./blocks.ts";

type Term = Integer["terms"][number];

/** Whole numbers: addresses whose parts are computed where they stop changing, and the variables that hold them. */
export class Addresses extends Blocks {
  private readonly strides = new Map<Shape, readonly Integer[]>();

  /** Where a buffer holds an element of a tensor of this shape; `axes`: those that the buffer holds. */
  address(index: readonly Integer[], shape: Shape, axes?: readonly number[]): Integer {
    if (axes) {
      const held = <T>(all: readonly T[]) => axes.map((axis) => all[axis]!);
      return this.hoisted(addressOf(held(index), held(shape)));
    }
    let strides = this.strides.get(shape);
    if (!strides) {
      strides = stridesOf(shape);
      this.strides.set(shape, strides);
    }
    return this.hoisted(addressBy(index, strides));
  }

  /** An integer computed once, in the outermost block that knows its variables. */
  fixed(integer: Integer): Integer {
    if (integer.value !== undefined || isSingleAtom(integer.terms)) return integer;
    const key = `+${integer.key}`;
    const known = this.available.get(key);
    if (known?.value.kind === "integer") return known.value.integer;
    const level = this.levelOf(integer);
    const variable = this.variable(level, undefined);
    this.blocks[level]!.statements.push({ kind: "index", variable, value: { kind: "integer", integer } });
    const named = Integer.iterator(variable);
    this.remember(key, { value: { kind: "integer", integer: named }, level, size: 0 }, level);
    return named;
  }

  /** A whole number as a variable of this block, from 0 to below the extent if there is one. */
  index(value: Value, extent?: Integer): Integer {
    if (value.kind === "integer") return value.integer;
    const variable = this.variable(this.level, extent);
    this.emit({ kind: "index", variable, value });
    return Integer.iterator(variable);
  }

  /** The innermost block that knows all variables of an integer. */
  protected levelOf({ terms }: Integer): number {
    let level = 0;
    for (const term of terms) level = Math.max(level, this.levelOfTerm(term));
    return level;
  }

  private levelOfTerm({ atoms }: Term): number {
    let level = 0;
    for (const atom of atoms) {
      if (atom.kind === "iterator") level = Math.max(level, this.levelOfVariable(atom.iterator));
      else if (atom.kind === "floorDiv")
        level = Math.max(level, this.levelOf(atom.numerator), this.levelOf(atom.denominator));
      else if (atom.kind === "lookup") for (const index of atom.index) level = Math.max(level, this.levelOf(index));
    }
    return level;
  }

  /** The integer with the sum of its loop-invariant terms held in a variable of an outer block. */
  private hoisted(integer: Integer): Integer {
    const { terms } = integer;
    if (terms.length < 2) return integer;
    const levels = terms.map((term) => this.levelOfTerm(term));
    const level = levels.reduce((deepest, each) => Math.max(deepest, each), 0);
    const isFixed = (term: Term, k: number) => term.atoms.length > 0 && levels[k]! < level;
    const fixed = terms.filter(isFixed);
    if (fixed.length === 0 || isSingleAtom(fixed)) return integer;
    const moving = terms.filter((term, k) => !isFixed(term, k));
    return Integer.collect(moving).plus(this.fixed(this.hoisted(Integer.collect(fixed))));
  }
}
