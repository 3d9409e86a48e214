import type { Buffer, Statement, Temporary, Value } from "./loops.ts";
import { isNest, mapBodies, mapOperands, mapStatementValues, ownValue } from "./rewrite-statements.ts";
import { named } from "./values.ts";

/** Statements of one block within which a load has one name: a name that is kept for longer lies in memory itself. */
const reach = 48;

/**
 * Loads that one block makes more than once, named at their first use: a store in between may, for all that a
 * JavaScript engine knows, change the array. Only arrays that the program never writes take part.
 */
export function shareLoads(statements: readonly Statement[], temporary: (buffer: Buffer) => Temporary): Statement[] {
  const places = new Map<Buffer, Map<string, Place>>();
  const placeOf = ({ buffer, address: { key } }: Load): Place => {
    const inBuffer = places.get(buffer) ?? new Map<string, Place>();
    const place = inBuffer.get(key) ?? { later: [], name: undefined, namedAt: 0 };
    if (inBuffer.size === 0) places.set(buffer, inBuffer);
    if (place.later.length === 0) inBuffer.set(key, place);
    return place;
  };
  const loadsIn = new Uint8Array(statements.length);
  for (let position = statements.length - 1; position >= 0; position--) {
    const statement = statements[position]!;
    if (isNest(statement)) loadsIn[position] = 1;
    forOwnLoads(statement, (load, isSure) => {
      loadsIn[position] = 1;
      if (isSure) placeOf(load).later.push(position);
    });
  }
  /** How many loads may have a name. */
  let names = 0;
  const result: Statement[] = [];
  for (let position = 0; position < statements.length; position++) {
    const statement = statements[position]!;
    if (loadsIn[position] === 0) {
      result.push(statement);
      continue;
    }
    const inner = isNest(statement) ? mapBodies(statement, (body) => shareLoads(body, temporary)) : statement;
    forOwnLoads(inner, (load, isSure) => {
      if (!isSure) return;
      const place = placeOf(load);
      const { later } = place;
      later.pop();
      if (place.name && position - place.namedAt <= reach) return;
      if (place.name) names--;
      place.name = undefined;
      const next = later[later.length - 1];
      if (next === undefined || next - position > reach) return;
      place.name = temporary(load.buffer);
      place.namedAt = position;
      names++;
      result.push({ kind: "let", temporary: place.name, value: load });
    });
    const nameOf = (load: Load) => placeOf(load).name;
    result.push(names === 0 ? inner : mapStatementValues(inner, (value) => replaceLoads(value, nameOf)));
  }
  return result;
}

type Load = Extract<Value, { kind: "load" }>;

/** An element that a block loads: where it still will, last first, and the name that it has since a position. */
interface Place {
  readonly later: number[];
  name: Temporary | undefined;
  namedAt: number;
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
    return name ? named(name) : value;
  }
  if (value.kind === "apply") return mapOperands(value, (operand) => replaceLoads(operand, nameOf));
  if (value.kind !== "guarded") return value;
  const inner = replaceLoads(value.value, nameOf);
  return inner === value.value ? value : { ...value, value: inner };
}
