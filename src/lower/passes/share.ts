import type { Buffer, Load, Statement, Temporary, Value } from "../program/loops.ts";
import { isNest, mapBodies, mapOperands, mapStatementValues, ownValue } from "../program/rewrite-statements.ts";

/** Statements of one block within which a load has one name: a name that is kept for longer lies in memory itself. */
const reach = 48;

/**
 * Loads that one block makes more than once, named at their first use: a store in between may, for all that a
 * JavaScript engine knows, change the array. Only arrays that the program never writes take part.
 */
export function shareLoads(statements: readonly Statement[], temporary: (buffer: Buffer) => Temporary): Statement[] {
  const places = new Map<Buffer, Map<string, Place>>();
  /** The loads of statement k, from `starts[k + 1]` to `starts[k]`, for statements are asked from the last. */
  const loads: OwnLoad[] = [];
  const starts = new Int32Array(statements.length + 1);
  let position = statements.length - 1;
  const note = (load: Load, isSure: boolean): void => {
    const place = placeOf(load, places);
    if (isSure) place.later.push(position);
    loads.push({ load, place, isSure });
  };
  for (; position >= 0; position--) {
    forOwnLoads(statements[position]!, note);
    starts[position] = loads.length;
  }
  /** How many loads may have a name. */
  let names = 0;
  const nameOf = ({ buffer, address }: Load) => places.get(buffer)?.get(address.key)?.name;
  const withNames = (value: Value) => replaceLoads(value, nameOf);
  const result: Statement[] = [];
  const write = (statement: Statement): void => {
    const inner = isNest(statement) ? mapBodies(statement, (body) => shareLoads(body, temporary)) : statement;
    const first = starts[position + 1]!;
    const end = starts[position]!;
    for (let k = first; k < end; k++) {
      const { load, place, isSure } = loads[k]!;
      if (!isSure) continue;
      const { later } = place;
      later.pop();
      if (place.name && position - place.namedAt <= reach) continue;
      if (place.name) names--;
      place.name = undefined;
      const next = later[later.length - 1];
      if (next === undefined || next - position > reach) continue;
      place.name = temporary(load.buffer);
      place.namedAt = position;
      names++;
      result.push({ kind: "let", temporary: place.name, value: load });
    }
    // inner blocks may load what has a name here
    let hasNamed = names > 0 && isNest(statement);
    for (let k = first; k < end; k++) if (loads[k]!.place.name) hasNamed = true;
    result.push(hasNamed ? mapStatementValues(inner, withNames) : inner);
  };
  for (position = 0; position < statements.length; position++) write(statements[position]!);
  return result;
}

/** An element that a block loads: where it still will, last first, and the name that it has since a position. */
interface Place {
  readonly later: number[];
  name: Temporary | undefined;
  namedAt: number;
}

/** A load that a statement makes itself. Under a guard it is not sure to be made. */
interface OwnLoad {
  readonly load: Load;
  readonly place: Place;
  readonly isSure: boolean;
}

function placeOf({ buffer, address: { key } }: Load, places: Map<Buffer, Map<string, Place>>): Place {
  let inBuffer = places.get(buffer);
  if (!inBuffer) {
    inBuffer = new Map();
    places.set(buffer, inBuffer);
  }
  let place = inBuffer.get(key);
  if (!place) {
    place = { later: [], name: undefined, namedAt: 0 };
    inBuffer.set(key, place);
  }
  return place;
}

const isConstant = ({ buffer }: Load) => buffer.role === "input" || buffer.role === "table";

/** The loads of a statement, in order, without those of inner blocks. Those under a guard are not sure to be made. */
function forOwnLoads(statement: Statement, visit: (load: Load, isSure: boolean) => void): void {
  const value = ownValue(statement);
  if (value) forLoads(value, visit, true);
}

function forLoads(value: Value, visit: (load: Load, isSure: boolean) => void, isSure: boolean): void {
  if (value.kind === "load") {
    if (isConstant(value)) visit(value, isSure);
  } else if (value.kind === "apply") {
    for (let k = 0; k < value.operands.length; k++) forLoads(value.operands[k]!, visit, isSure);
  } else if (value.kind === "guarded") forLoads(value.value, visit, false);
}

function replaceLoads(value: Value, nameOf: (load: Load) => Temporary | undefined): Value {
  if (value.kind === "load") {
    const name = isConstant(value) ? nameOf(value) : undefined;
    return name ? name : value;
  }
  if (value.kind === "apply") return mapOperands(value, (operand) => replaceLoads(operand, nameOf));
  if (value.kind !== "guarded") return value;
  const inner = replaceLoads(value.value, nameOf);
  return inner === value.value ? value : { ...value, value: inner };
}
