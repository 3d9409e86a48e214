import type { Integer } from "../../ir/integer.ts";
import type { Loop, Statement } from "../../lower/program/loops.ts";
import { mapBodies, valueMapping } from "../../lower/program/rewrite-statements.ts";

/**
 * The loop with integer variables replaced by the sums that they stand for, so that addresses show how they move. Those
 * that hold elements of tensors stay.
 */
export function inlineIndices(loop: Loop): Loop {
  const known: (Integer | undefined)[] = [];
  const integer = (value: Integer) => value.withIterators(known);
  const guards = <G extends { readonly index: Integer; readonly extent: Integer | undefined }>(list: readonly G[]) =>
    list.map(({ index, extent }) => ({ index: integer(index), extent: extent && integer(extent) }));
  const value = valueMapping(() => undefined, integer);
  const block = (statements: readonly Statement[]): Statement[] =>
    statements.flatMap((statement): Statement[] => {
      switch (statement.kind) {
        case "index":
          if (statement.value.kind !== "integer") return [{ ...statement, value: value(statement.value) }];
          known[statement.variable] = integer(statement.value.integer);
          return [];
        case "for":
          return [mapBodies({ ...statement, from: statement.from.map(integer), to: statement.to.map(integer) }, block)];
        case "if":
          return [mapBodies({ ...statement, condition: value(statement.condition) }, block)];
        case "when":
          return [mapBodies({ ...statement, guards: guards(statement.guards) }, block)];
        case "store":
        case "accumulate":
          return [{ ...statement, address: integer(statement.address), value: value(statement.value) }];
        case "let":
        case "start":
        case "assign":
        case "combine":
          return [{ ...statement, value: value(statement.value) }];
        // no vector holds these
        default:
          return [statement];
      }
    });
  return { ...loop, body: block(loop.body) };
}
