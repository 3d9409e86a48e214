import type { Origin } from "../../ir/arena.ts";
import type { Expr } from "../../ir/graph.ts";
import { place, type Span } from "../../ir/source.ts";
import type { Buffer, Program, Statement, Temporary, Value } from "../../lower/program/loops.ts";
import { mentionedByRoutine } from "../../lower/program/mentioned.ts";
import { visitStatement } from "../../lower/program/rewrite-statements.ts";

type Resource = Buffer | Temporary | number;

/**
 * What each outermost loop is for: the outputs that its results end in. Found backwards, from the outputs through the
 * buffers, temporaries and integer variables that carry values.
 */
export function purposesOf(program: Program): Map<Statement, readonly Buffer[]> {
  const purposes = new Map<Statement, readonly Buffer[]>();
  const neededFor = new Map<Resource, Set<Buffer>>();
  const statements = program.parts.flat();
  for (let k = statements.length - 1; k >= 0; k--) {
    const statement = statements[k]!;
    const { reads, writes } = resourcesOf(statement, program);
    const outputs = new Set<Buffer>();
    for (const resource of writes) {
      if (typeof resource === "object" && "role" in resource && resource.role === "output") outputs.add(resource);
      for (const output of neededFor.get(resource) ?? []) outputs.add(output);
    }
    for (const resource of reads) {
      const known = neededFor.get(resource) ?? new Set();
      for (const output of outputs) known.add(output);
      neededFor.set(resource, known);
    }
    if (statement.kind === "for" || statement.kind === "shared") {
      purposes.set(
        statement,
        program.buffers.filter((buffer) => outputs.has(buffer)),
      );
    }
  }
  return purposes;
}

/** The places of the model that a loop computes, with those of the loops in it, in the order of the text. */
export function placesOf(loop: Statement): string[] {
  const spans = new Map<string, Span>();
  const sites = new Set<string>();
  visitStatement(loop, {
    statement: (inner) => {
      for (const node of (inner.kind === "for" && inner.making?.nodes) || []) {
        const origin = originOf(node);
        if (typeof origin === "string") sites.add(origin);
        else if (origin) spans.set(place(origin), origin);
      }
    },
  });
  const ordered = [...spans].sort(([, a], [, b]) => a.start - b.start || a.end - b.end);
  return [...ordered.map(([text]) => text), ...sites];
}

/** Where a node comes from; one that rewriting made of nothing written comes from where its operands do. */
function originOf(node: Expr): Origin | undefined {
  let level: readonly Expr[] = [node];
  for (let depth = 0; depth <= farthestOrigin; depth++) {
    for (const { graph, id } of level) {
      const origin = graph.originOf(id);
      if (origin) return origin;
    }
    level = level.flatMap(({ operands }) => operands.slice(0, mostOperands));
  }
  return undefined;
}

/** How far, and among how many operands a node, an origin is looked for. */
const farthestOrigin = 3;
const mostOperands = 4;

/** Several places as one text: the name of a file is said once, and no more than a few places are. */
export function placesText(places: readonly string[]): string {
  const shown = places.slice(0, mostPlaces).map((text, k) => {
    const name = text.slice(0, text.indexOf(":") + 1);
    return k > 0 && places[k - 1]!.startsWith(name) ? text.slice(name.length) : text;
  });
  return [...shown, ...(places.length > mostPlaces ? ["..."] : [])].join(", ");
}

const mostPlaces = 4;

function resourcesOf(statement: Statement, program: Program): { reads: Set<Resource>; writes: Set<Resource> } {
  const reads = new Set<Resource>();
  const writes = new Set<Resource>();
  const readValue = (value: Value) => {
    if (value.kind === "load") reads.add(value.buffer);
    if (value.kind === "temporary") reads.add(value);
    if (value.kind === "load") for (const variable of value.address.iterators()) reads.add(variable);
    if (value.kind === "integer") for (const variable of value.integer.iterators()) reads.add(variable);
  };
  visitStatement(statement, {
    statement: (inner) => {
      if ("temporary" in inner) writes.add(inner.temporary);
      if ("buffer" in inner) writes.add(inner.buffer);
      if (inner.kind === "index") writes.add(inner.variable);
      if (inner.kind === "call") {
        for (const buffer of mentionedByRoutine(program.routines[inner.routine]!, program.routines).buffers) {
          reads.add(buffer);
          writes.add(buffer);
        }
      }
    },
    value: readValue,
  });
  return { reads, writes };
}
