import { Integer } from "../../ir/integer.ts";
import { min } from "../../ops/comparison.ts";
import type { LoopBuilder } from "../builder/builder.ts";
import { type Positions, placed, placedGuard } from "../items/indices.ts";
import type { Item } from "../items/item.ts";
import type { Buffer, Statement, Temporary, Value } from "../program/loops.ts";
import { type Scheduler, termOf } from "./schedule.ts";

/** Rows and columns that one pass over the summed iterators computes together. */
const tileRows = 2;
const tileColumns = 4;

/** One element of a tile: its sum, where its iterators stand, and its row and column within the tile. */
interface Cell {
  readonly temporary: Temporary;
  readonly shifted: Positions;
  readonly row: number;
  readonly column: number;
}

/**
 * A matrix product in register tiles: rows by columns of the result at a time share the loads of one pass over the
 * summed iterators. Columns left over are computed one by one with the same arithmetic. A row left over is computed
 * twice, as both rows of the last tile: that costs its loads once more, and spares a second copy of all loops. Where what
 * is stored adds to what is there, it is computed by itself.
 */
export function emitTile(item: Item, target: Buffer, builder: LoopBuilder, scheduler: Scheduler): void {
  const { row, column } = item.tile!;
  const outputs = item.axes.filter((axis) => axis.role === "output").map((axis) => axis.iterator);
  const outer = outputs.filter((iterator) => iterator !== row && iterator !== column).sort((a, b) => a - b);
  const summed = item.axes.filter((axis) => axis.role === "summed");
  const variables: (Integer | undefined)[] = item.extents.map(() => undefined);
  const inLoop = (iterator: number, from: Integer, to: Integer, step: number, body: () => void) => {
    const variable = builder.openLoop(from.value === 0 ? to : undefined);
    variables[iterator] = Integer.iterator(variable);
    body();
    variables[iterator] = undefined;
    const statements = builder.close();
    builder.emit({ kind: "for", variable, from: [from], to: [to], step, body: statements });
  };
  const split = (iterator: number, width: number, body: (count: number) => void) => {
    const extent = item.extents[iterator]!;
    const wholeTiles = extent.floorDiv(width).times(width);
    if (wholeTiles.value !== 0) inLoop(iterator, Integer.zero, wholeTiles, width, () => body(width));
    if (!wholeTiles.equals(extent)) inLoop(iterator, wholeTiles, extent, 1, () => body(1));
  };
  const nest = (depth: number): void => {
    const iterator = outer[depth];
    if (iterator !== undefined) {
      inLoop(iterator, Integer.zero, item.extents[iterator]!, 1, () => nest(depth + 1));
      return;
    }
    const inColumns = (rows: readonly Integer[]) => split(column, tileColumns, (columns) => emitBlock(rows, columns));
    const first = () => variables[row]!;
    if (target.adds) split(row, tileRows, (rows) => inColumns([first(), first().plus(1)].slice(0, rows)));
    else {
      const extent = item.extents[row]!;
      inLoop(row, Integer.zero, extent, tileRows, () => inColumns([first(), nextWithin(first(), extent, builder)]));
    }
  };
  const emitBlock = (rows: readonly Integer[], columns: number): void => {
    const cells: Cell[] = [];
    const zero: Value = { kind: "constant", value: 0, dtype: item.node.dtype };
    for (const [number, at] of rows.entries()) {
      for (let k = 0; k < columns; k++) {
        const temporary = builder.temporary(item.node.dtype);
        builder.emit({ kind: "start", temporary, value: zero });
        const shifted = [...variables];
        shifted[row] = at;
        shifted[column] = variables[column]!.plus(k);
        cells.push({ temporary, shifted, row: number, column: k });
      }
    }
    emitSums(0, cells);
    for (const { temporary, shifted } of cells) {
      const index = item.output.map((i) => placed(i, shifted));
      const address = builder.address(index, item.node.shape, target.axes);
      builder.emit({ kind: "store", buffer: target, address, value: finished(item, index, temporary, builder) });
    }
  };
  const emitSums = (depth: number, cells: readonly Cell[]): void => {
    const axis = summed[depth];
    if (axis) {
      const variable = builder.openLoop(axis.extent);
      const open = Integer.iterator(variable);
      emitSums(
        depth + 1,
        cells.map((cell) => ({
          ...cell,
          shifted: cell.shifted.map((value, iterator) => (iterator === axis.iterator ? open : value)),
        })),
      );
      const body: Statement[] = builder.close();
      builder.emit({ kind: "for", variable, from: [Integer.zero], to: [axis.extent], step: 1, body });
      return;
    }
    builder.shareLoads = true;
    const term = termsOf(item, scheduler);
    for (const cell of cells) {
      const { temporary, shifted } = cell;
      const guards = builder.resolveGuards(
        item.guards.map((guard) => placedGuard(guard, shifted)),
        item.node.graph,
      );
      if (guards.length > 0) builder.openCondition();
      const value = term(cell);
      builder.emit({ kind: "combine", temporary, combine: "sum", value });
      if (guards.length > 0) {
        const body = builder.close();
        builder.emit({ kind: "when", guards, body });
      }
    }
    builder.shareLoads = false;
  };
  nest(0);
}

/** An element of a tile whose sum is complete. */
export function finished(
  { node, unfinished }: Item,
  index: readonly Integer[],
  sum: Temporary,
  builder: LoopBuilder,
): Value {
  if (!unfinished) return sum;
  builder.provide(unfinished, index, sum);
  // a whole tile is inside, which the limits of its loops do not show
  builder.assume(index.map((at, axis) => ({ index: at, extent: node.shape[axis]! })));
  return builder.evaluate({ node, index }, true).value;
}

/** The terms of cells. What the cells of one row, or of one column, share is asked for once. */
function termsOf(item: Item, scheduler: Scheduler): (cell: Cell) => Value {
  const { factors } = item;
  const rows = factors.map(({ index }) => index.some((i) => i.iterators().includes(item.tile!.row)));
  const known = factors.map((): Value[] => []);
  // what is evaluated under a condition is known there alone
  if (item.guards.length > 0) return ({ shifted }) => scheduler.termValue(item, shifted);
  return (cell) => {
    const values = factors.map((factor, k) => {
      const at = rows[k] ? cell.row : cell.column;
      known[k]![at] ??= scheduler.factorValue(item, factor, cell.shifted);
      return known[k]![at]!;
    });
    return termOf(item, values);
  };
}

/** The next row, or the same one again where there is no next: that of an odd number of rows. */
function nextWithin(row: Integer, extent: Integer, builder: LoopBuilder): Integer {
  const next = row.plus(1);
  if (extent.floorDiv(tileRows).times(tileRows).equals(extent)) return next;
  const operands: Value[] = [next, extent.minus(1)].map((integer) => ({ kind: "integer", integer }));
  return builder.index({ kind: "apply", primitive: min.primitive, operands, dtype: "int" }, extent);
}
