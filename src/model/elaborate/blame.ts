import { Term } from "../../build/terms/term.ts";
import { DifferentiationError, type ErrorDetails, type NablaError, nearestName, ShapeError } from "../../ir/errors.ts";
import { showShape } from "../../ir/graph.ts";
import { positionOf, type Span } from "../../ir/source.ts";
import type { Expression } from "../syntax/syntax.ts";
import { namesWithin } from "../syntax/walk.ts";
import type { Entry, Scope } from "./values.ts";

/** How many declarations one message recalls. */
const mostDeclarations = 4;

/** `line:column`. */
export function lineAndColumn({ source, start }: Span): string {
  const { line, column } = positionOf(source, start);
  return `${line}:${column}`;
}

/** The error again, with a place in the text and further notes before its own. */
export function placed(error: NablaError, span: Span, notes: readonly string[] = []): NablaError {
  const details: ErrorDetails = { span, notes: [...notes, ...error.notes] };
  if (error instanceof ShapeError) return new ShapeError(error.summary, { ...details, shapes: error.shapes });
  if (error instanceof DifferentiationError) {
    const { primitive, path } = error;
    return new DifferentiationError(error.summary, { ...details, primitive, path });
  }
  const Same = error.constructor as new (summary: string, details: ErrorDetails) => NablaError;
  return new Same(error.summary, details);
}

/** One sentence that recalls where the arrays of an expression were declared: "X: [n, d] is declared at 3:6, ...". */
export function declarationsOf(node: Expression, scope: Scope): string[] {
  const told: string[] = [];
  for (const name of namesWithin(node)) {
    const entry = scope.find(name);
    if (!entry?.span || !(entry.value instanceof Term) || entry.value.rank === 0) continue;
    told.push(
      `${name}: ${showShape(entry.value.shape)}${told.length === 0 ? " is declared" : ""} at ${lineAndColumn(entry.span)}`,
    );
    if (told.length === mostDeclarations) break;
  }
  return told.length > 0 ? [`${told.join(", ")}.`] : [];
}

/** What stands nearest to a misspelt name, with what it is and where it was declared. */
export function suggestion(name: string, entries: Iterable<Entry>, others: Iterable<string> = []): string[] {
  const known = new Map<string, Entry>();
  for (const entry of entries) if (!known.has(entry.name)) known.set(entry.name, entry);
  const nearest = nearestName(name, [...known.keys(), ...others]);
  if (nearest === undefined) return [];
  const entry = known.get(nearest);
  if (!entry) return [`Did you mean "${nearest}"?`];
  const where = entry.span ? `, declared at ${lineAndColumn(entry.span)}` : "";
  return [`Did you mean "${nearest}" (${entry.role}${where})?`];
}
