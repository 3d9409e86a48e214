import { inReadingOrder } from "../../emit/print/print-integer.ts";
import type { Expr, Shape } from "../../ir/graph.ts";
import type { Atom, Integer } from "../../ir/integer.ts";

/** How sizes, shapes and indices are written in labels. */
export interface Notation {
  shape(shape: Shape): string;
  integer(integer: Integer, operand?: (number: number) => string): string;
  /** The letter of an iterator. */
  iterator(k: number): string;
}

/** Letters for iterators that no size of the nodes has for its name. */
export function notationFor(nodes: readonly Expr[]): Notation {
  const taken = new Set(nodes.flatMap(({ shape }) => shape.flatMap((size) => size.names())));
  const free = [..."ijklmpqrstuvxyzabcdefgh"].filter((letter) => !taken.has(letter));
  const iterator = (k: number) => free[k] ?? `i${k}`;
  const integer = (value: Integer, operand: (number: number) => string = (number) => `@${number}`): string => {
    const grouped = (part: Integer) => (part.terms.length > 1 ? `(${integer(part, operand)})` : integer(part, operand));
    const atomText = (atom: Atom): string => {
      switch (atom.kind) {
        case "name":
          return atom.name;
        case "iterator":
          return iterator(atom.iterator);
        case "lookup":
          return `${operand(atom.operand)}[${atom.index.map((index) => integer(index, operand)).join(",")}]`;
        case "floorDiv":
          return `⌊${grouped(atom.numerator)}/${grouped(atom.denominator)}⌋`;
      }
    };
    if (value.terms.length === 0) return "0";
    return inReadingOrder(value)
      .map(({ coefficient, atoms }, position) => {
        const size = Math.abs(coefficient);
        const factors = atoms.map(atomText);
        const text = (size === 1 && factors.length > 0 ? factors : [String(size), ...factors]).join("·");
        if (position === 0) return coefficient < 0 ? `−${text}` : text;
        return coefficient < 0 ? `−${text}` : `+${text}`;
      })
      .join("");
  };
  return {
    iterator,
    integer,
    shape: (shape) => (shape.length === 0 ? "" : `[${shape.map((size) => integer(size)).join(", ")}]`),
  };
}

/** Letters for operands, without those that name something already. */
export function* letters(taken: ReadonlySet<string>): Generator<string, never> {
  for (const letter of "abcdefgh") if (!taken.has(letter)) yield letter;
  for (let k = 1; ; k++) if (!taken.has(`a${k}`)) yield `a${k}`;
}
