import { sizeOf } from "../../build/functions/calls.ts";
import { integerTerm } from "../../build/terms/term.ts";
import { nearestName } from "../../ir/errors.ts";
import { Integer } from "../../ir/integer.ts";
import type { Declaration, Declarations, Expression, Model, Sizes } from "../syntax/syntax.ts";
import { expressionsOf, partsWithin } from "../syntax/walk.ts";
import { declareName } from "./definitions.ts";
import type { Draft } from "./elaborate.ts";
import { evaluateTerm } from "./expression.ts";
import { isPoison } from "./values.ts";

/** `size n, stride = 2, m ~ 1000` */
export function declareSizes({ context, sizes }: Draft, statement: Sizes): void {
  for (const { name, value, hint } of statement.sizes) {
    let integer = Integer.named(name.name);
    if (value) {
      const given = context.at(value.span, () =>
        sizeOf(evaluateTerm(context, value, context.global), `the size "${name.name}"`),
      );
      if ("kind" in given && isPoison(given)) {
        declareName(context, context.global, name, "size", given);
        continue;
      }
      integer = given as Integer;
      sizes.given.set(name.name, integer);
    }
    if (!value) sizes.free.push(name.name);
    if (hint) sizes.hints.set(name.name, hint.value);
    declareName(context, context.global, name, "size", integerTerm(context.builder, integer));
  }
}

/** Names in a shape, or in the range of whole numbers, that nothing declares are sizes: they are declared by being there. */
export function declareSizesOf({ context, sizes }: Draft, { declarations }: Declarations): void {
  for (const expression of declarations.flatMap(whereSizesStand)) {
    for (const part of partsWithin(expression)) {
      if (part.kind !== "name" || context.global.own(part.name) || context.declared.has(part.name)) continue;
      context.implicitSizes.set(part.name, part.span);
      sizes.free.push(part.name);
      declareName(context, context.global, part, "size", integerTerm(context.builder, Integer.named(part.name)));
    }
  }
}

const whereSizesStand = ({ type, within }: Declaration): readonly Expression[] => [
  ...(type?.shape ?? []),
  ...(within && type?.element === "int" ? [within] : []),
];

/** How many sizes each other one is compared with, and how many a warning lists. */
const [mostAlike, mostListed] = [100, 20];

/** Warns of sizes that a slip of the pen may have made: used once, beside a name that looks alike or declared sizes. */
export function suspiciousSizes({ context }: Draft, model: Model): void {
  const uses = usesOfNames(model);
  const declared = model.statements.flatMap((statement) =>
    statement.kind === "sizes" ? statement.sizes.map(({ name }) => name.name) : [],
  );
  const earlier = declared.slice(0, mostAlike);
  const list = `${declared.slice(0, mostListed).join(", ")}${declared.length > mostListed ? ", ..." : ""}`;
  const sizes = model.statements.flatMap((statement) => (statement.kind === "sizes" ? statement.sizes : []));
  for (const { name } of sizes) {
    if (!uses.has(name.name)) context.warn(`the size "${name.name}" is used nowhere else.`, name.span);
  }
  for (const [name, span] of context.implicitSizes) {
    // of two that look alike the later one is taken for the slip
    const alike = uses.get(name) === 1 ? lookAlike(name, earlier) : undefined;
    const isAlone = uses.get(name) === 1 && declared.length > 0;
    if (earlier.length < mostAlike) earlier.push(name);
    if (!alike && !isAlone) continue;
    const note = alike ? `Did you mean "${alike}"?` : `The declared sizes are: ${list}.`;
    context.warn(`the size "${name}" is used nowhere else.`, span, [note]);
  }
}

function usesOfNames(model: Model): Map<string, number> {
  const uses = new Map<string, number>();
  for (const expression of expressionsOf(model)) {
    for (const part of partsWithin(expression)) {
      if (part.kind === "name") uses.set(part.name, (uses.get(part.name) ?? 0) + 1);
    }
  }
  return uses;
}

/** Every letter looks like every other, so names of one letter are left alone. */
function lookAlike(name: string, others: readonly string[]): string | undefined {
  return name.length > 1
    ? nearestName(
        name,
        others.filter((other) => other.length > 1),
      )
    : undefined;
}
