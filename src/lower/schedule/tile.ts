import { Integer } from "../../ir/integer.ts";
import { min } from "../../ops/elementary/comparison.ts";
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
  new TileWriter(item, target, builder, scheduler).write();
}

class TileWriter {
  private readonly item: Item;
  private readonly target: Buffer;
  private readonly builder: LoopBuilder;
  private readonly scheduler: Scheduler;
  private readonly summed: Item["axes"];
  /** Where the iterators whose loops are open stand. */
  private readonly variables: (Integer | undefined)[];

  constructor(item: Item, target: Buffer, builder: LoopBuilder, scheduler: Scheduler) {
    this.item = item;
    this.target = target;
    this.builder = builder;
    this.scheduler = scheduler;
    this.summed = item.axes.filter(({ role }) => role === "summed");
    this.variables = item.extents.map(() => undefined);
  }

  write(): void {
    const { axes, tile } = this.item;
    const outputs = axes.filter(({ role }) => role === "output").map(({ iterator }) => iterator);
    const outer = outputs.filter((iterator) => iterator !== tile!.row && iterator !== tile!.column);
    this.openOuter(outer.sort((a, b) => a - b));
  }

  private openOuter([iterator, ...inner]: readonly number[]): void {
    if (iterator === undefined) this.openRows();
    else this.inLoop(iterator, [Integer.zero, this.item.extents[iterator]!], 1, () => this.openOuter(inner));
  }

  private openRows(): void {
    const { row, column } = this.item.tile!;
    const inColumns = (rows: readonly Integer[]) =>
      this.inTiles(column, tileColumns, (columns) => this.writeBlock(rows, columns));
    const first = () => this.variables[row]!;
    if (this.target.adds) {
      this.inTiles(row, tileRows, (rows) => inColumns([first(), first().plus(1)].slice(0, rows)));
      return;
    }
    const extent = this.item.extents[row]!;
    this.inLoop(row, [Integer.zero, extent], tileRows, () =>
      inColumns([first(), nextWithin(first(), extent, this.builder)]),
    );
  }

  /** The loop over whole tiles, and that over what is left. */
  private inTiles(iterator: number, width: number, body: (count: number) => void): void {
    const extent = this.item.extents[iterator]!;
    const wholeTiles = extent.floorDiv(width).times(width);
    if (wholeTiles.value !== 0) this.inLoop(iterator, [Integer.zero, wholeTiles], width, () => body(width));
    if (!wholeTiles.equals(extent)) this.inLoop(iterator, [wholeTiles, extent], 1, () => body(1));
  }

  private inLoop(iterator: number, [from, to]: readonly [Integer, Integer], step: number, body: () => void): void {
    const variable = this.builder.openLoop(from.value === 0 ? to : undefined);
    this.variables[iterator] = Integer.iterator(variable);
    body();
    this.variables[iterator] = undefined;
    const statements = this.builder.close();
    this.builder.emit({ kind: "for", variable, from: [from], to: [to], step, body: statements });
  }

  private writeBlock(rows: readonly Integer[], columns: number): void {
    const { builder, item, target } = this;
    const { row, column } = item.tile!;
    const cells: Cell[] = [];
    const zero: Value = { kind: "constant", value: 0, dtype: item.node.dtype };
    for (const [number, at] of rows.entries()) {
      for (let k = 0; k < columns; k++) {
        const temporary = builder.temporary(item.node.dtype);
        builder.emit({ kind: "start", temporary, value: zero });
        const shifted = [...this.variables];
        shifted[row] = at;
        shifted[column] = this.variables[column]!.plus(k);
        cells.push({ temporary, shifted, row: number, column: k });
      }
    }
    this.writeSums(0, cells);
    for (const { temporary, shifted } of cells) {
      const index = item.output.map((i) => placed(i, shifted));
      const address = builder.address(index, item.node.shape, target.axes);
      builder.emit({ kind: "store", buffer: target, address, value: finished(item, index, temporary, builder) });
    }
  }

  /** The loops over summed iterators from `depth` on, and the terms of all cells within. */
  private writeSums(depth: number, cells: readonly Cell[]): void {
    const axis = this.summed[depth];
    if (!axis) {
      this.writeTerms(cells);
      return;
    }
    const variable = this.builder.openLoop(axis.extent);
    const open = Integer.iterator(variable);
    const within = ({ shifted }: Cell) => shifted.map((value, iterator) => (iterator === axis.iterator ? open : value));
    this.writeSums(
      depth + 1,
      cells.map((cell) => ({ ...cell, shifted: within(cell) })),
    );
    const body: Statement[] = this.builder.close();
    this.builder.emit({ kind: "for", variable, from: [Integer.zero], to: [axis.extent], step: 1, body });
  }

  private writeTerms(cells: readonly Cell[]): void {
    const { builder } = this;
    const { guards, node } = this.item;
    builder.shareLoads = true;
    const term = this.termsOfCells();
    for (const cell of cells) {
      const placedGuards = guards.map((guard) => placedGuard(guard, cell.shifted));
      const open = builder.resolveGuards(placedGuards, node.graph);
      if (open.length > 0) builder.openCondition();
      builder.emit({ kind: "combine", temporary: cell.temporary, combine: "sum", value: term(cell) });
      if (open.length > 0) builder.emit({ kind: "when", guards: open, body: builder.close() });
    }
    builder.shareLoads = false;
  }

  /** What the cells of one row, or of one column, share is asked for once. */
  private termsOfCells(): (cell: Cell) => Value {
    const { scheduler, item } = this;
    const { factors, guards, tile } = item;
    // what is evaluated under a condition is known there alone
    if (guards.length > 0) return ({ shifted }) => scheduler.termValue(item, shifted);
    const ofRow = factors.map(({ index }) => index.some((i) => i.iterators().includes(tile!.row)));
    const known = factors.map((): Value[] => []);
    return ({ row, column, shifted }) => {
      const values = factors.map((factor, k) => {
        const at = ofRow[k] ? row : column;
        known[k]![at] ??= scheduler.factorValue(item, factor, shifted);
        return known[k]![at]!;
      });
      return termOf(item, values);
    };
  }
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

/** The next row, or the same one again where there is no next: that of an odd number of rows. */
function nextWithin(row: Integer, extent: Integer, builder: LoopBuilder): Integer {
  const next = row.plus(1);
  if (extent.floorDiv(tileRows).times(tileRows).equals(extent)) return next;
  const operands: Value[] = [next, extent.minus(1)].map((integer) => ({ kind: "integer", integer }));
  return builder.index({ kind: "apply", primitive: min.primitive, operands, dtype: "int" }, extent);
}
