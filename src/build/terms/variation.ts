import { type Expr, showShape } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import { leavesUnder } from "../../ir/walks/traverse.ts";
import type { Builder } from "./builder.ts";
import { article } from "./elementwise.ts";
import type { Term } from "./term.ts";

/** Why a whole number is not one of sizes and constants, for messages. */
interface Variation {
  readonly told: string;
  readonly notes: readonly string[];
}

/** What whole numbers depend on besides sizes and constants, for messages. */
export function variationOf(builder: Builder, integers: readonly Integer[]): Variation {
  const [iterator] = integers.flatMap((integer) => builder.iteratorsOf(integer));
  if (iterator) return { told: `varies with "${iterator.name}"`, notes: [] };
  const lookups = integers.flatMap((integer) => integer.atoms().filter((atom) => atom.kind === "lookup"));
  const [leaf] = leavesUnder(lookups.map(({ operand }) => builder.graph.expr(operand)));
  if (!leaf) return { told: "is more than sums, products and quotients (//) of sizes", notes: [] };
  const { name } = leaf.graph.leafOf(leaf.id);
  return {
    told: `depends on "${name}"`,
    notes: isWhole(leaf) ? [`If "${name}" is a size, write "size ${name}".`] : [],
  };
}

const isWhole = ({ dtype, isScalar }: Expr) => dtype === "int" && isScalar;

/** What a term is that should have been a size. */
export function variationOfTerm({ builder, integer, rank, shape, dtype }: Term): Variation {
  if (!integer) return { told: rank > 0 ? `an array ${showShape(shape)}` : article(dtype), notes: [] };
  const { told, notes } = variationOf(builder, [integer]);
  return { told: `an int that ${told}`, notes };
}
