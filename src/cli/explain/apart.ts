import type { Expr } from "../../ir/graph.ts";
import { showNode } from "../../ir/show.ts";
import { formula } from "./formula.ts";

/** How many operations deep expressions are written before they are written as lines of the graph. */
const deepest = 6;
/** The most letters of a line of the graph. */
const longest = 240;

/** Two expressions as texts that differ: as formulas, where need be deeper ones, else as lines of the graph. */
export function apart(one: Expr, other: Expr): readonly [string, string] {
  for (let depth = 3; depth <= deepest; depth++) {
    const formulas = [formula(one, depth), formula(other, depth)] as const;
    if (formulas[0] !== formulas[1]) return formulas;
  }
  // bodies of loops, views, constants of other shapes
  const lines = [lineOf(one), lineOf(other)] as const;
  const start = sharedStart(...lines);
  return [cut(lines[0], start), cut(lines[1], start)];
}

const lineOf = (node: Expr) => showNode(node).replace(/^%\d+ = /, "");

/** Where the first words that differ begin. */
function sharedStart(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  return one.lastIndexOf(" ", at) + 1;
}

/** A long line around what differs: its first words say what it is. */
function cut(line: string, start: number): string {
  const head = line.slice(0, line.indexOf(" ", longest / 6) + 1);
  const from = line.lastIndexOf("; ", start) + 1 || start;
  const whole = from > head.length + longest / 4 ? `${head}... ${line.slice(from).trimStart()}` : line;
  return whole.length > longest ? `${whole.slice(0, longest)} ...` : whole;
}
