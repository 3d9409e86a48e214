import { Integer } from "../../ir/integer.ts";
import { mul } from "../../ops/elementary/algebra.ts";
import { estimate, type SizeHints } from "../../rewrite/cost.ts";
import type { LoopBuilder } from "../builder/builder.ts";
import { placed } from "../items/indices.ts";
import type { Axis, Item, NodeRead } from "../items/item.ts";
import type { BufferTable } from "../lower.ts";
import type { Buffer, Temporary, Value } from "../program/loops.ts";
import { finished } from "./tile.ts";

/** Rows of the result that share what is read of the columns' factor: their sums fit in registers. */
const mostRows = 4;
/** Rows that a panel is taken through while they lie near: a panel is read from afar once for all of them. */
const rowsOfBlock = 32;
/** Rows that so many columns share are copied, so that a tile reads one piece of memory of each factor. */
const columnsWorthCopies = 64;
/** Sums of so few terms cost less than their places in the result do where rows lie far apart. */
const fewTerms = 32;
/** All panels together, of all rounds of the loops around, if they are read for each tile of rows. */
const mostInPanels = 2 ** 15;
/** So many columns or fewer are copied at once, term by term. */
const mostAtOnce = 16;
/** Columns of a panel; those that are left over come in narrower panels. */
const panelWidths = [4, 2, 1] as const;

/**
 * A matrix product for a printer with vectors. The factor with the columns is copied once into panels of a few columns,
 * all summed iterators in a row, so that what a tile reads of it is one piece of memory. A tile is some rows by one
 * panel: the loop over its columns is the one to take several at a time. The other factor is read in place where its
 * rows run along the innermost summed iterator, else its rows are copied as well.
 */
export function emitPanels(
  item: Item,
  target: Buffer,
  builder: LoopBuilder,
  buffers: BufferTable,
  hints: SizeHints,
): void {
  new Panels(item, target, builder, buffers, hints).emit();
}

type Variables = readonly (Integer | undefined)[];

interface Tile {
  readonly variables: Variables;
  readonly rows: readonly Integer[];
  /** Where its rows begin in the copies; undefined where they are read in place. */
  readonly strip: Integer | undefined;
}

class Panels {
  private readonly item: Item;
  private readonly target: Buffer;
  private readonly builder: LoopBuilder;
  private readonly buffers: BufferTable;
  private readonly row: number;
  private readonly column: number;
  private readonly rowsTogether: number;
  private readonly summed: readonly Axis[];
  /** Loops over results that the columns' factor tells apart, and those over the others. */
  private readonly shared: readonly Axis[];
  private readonly others: readonly Axis[];
  /** True where a tile of rows goes through all rounds of the shared loops, and not each round through all rows. */
  private readonly isSwept: boolean;
  /** How many terms a sum has. */
  private readonly depth: Integer;
  /** The factor that the columns belong to, and the one of the rows. */
  private readonly across: NodeRead;
  private readonly along: NodeRead;
  private readonly panels: Buffer;
  /**
   * The rows of a block of the other factor, tile by tile: those of a tile one after the other for each term. undefined where
   * it is read in place.
   */
  private readonly strips: Buffer | undefined;

  constructor(item: Item, target: Buffer, builder: LoopBuilder, buffers: BufferTable, hints: SizeHints) {
    this.item = item;
    this.target = target;
    this.builder = builder;
    this.buffers = buffers;
    const { row, column } = item.tile!;
    this.row = row;
    this.column = column;
    this.summed = item.axes.filter((axis) => axis.role === "summed");
    this.depth = Integer.product(this.summed.map(({ extent }) => extent));
    const [first, second] = item.factors as [NodeRead, NodeRead];
    const hasColumns = (factor: NodeRead) => factor.index.some((index) => index.iterators().includes(column));
    this.across = hasColumns(first) ? first : second;
    this.along = hasColumns(first) ? second : first;
    const outputs = item.axes.filter(
      ({ role, iterator }) => role === "output" && iterator !== row && iterator !== column,
    );
    const moves = ({ index }: NodeRead, { iterator }: Axis) => index.some((i) => i.iterators().includes(iterator));
    this.shared = outputs.filter((axis) => moves(this.across, axis));
    this.others = outputs.filter((axis) => !moves(this.across, axis));
    this.rowsTogether = Math.min(mostRows, this.extent(row).value ?? mostRows);
    const rows = Math.min(rowsOfBlock, this.extent(row).value ?? rowsOfBlock);
    this.strips =
      this.runsAlongTerms() && estimate(this.extent(column), hints) < columnsWorthCopies
        ? undefined
        : this.buffers.scratch({ dtype: "real", shape: [this.depth.times(rows)] });
    const inAll = Integer.product(this.shared.map(({ extent }) => extent)).times(this.extent(column));
    this.isSwept =
      !this.strips &&
      this.shared.length > 0 &&
      !this.shared.some((axis) => moves(this.along, axis)) &&
      this.shared.every(({ iterator }) => iterator > row) &&
      (this.depth.value ?? Number.POSITIVE_INFINITY) <= fewTerms &&
      (this.depth.times(inAll).value ?? Number.POSITIVE_INFINITY) <= mostInPanels;
    this.panels = this.buffers.scratch({
      dtype: "real",
      shape: [this.depth.times(this.isSwept ? inAll : this.extent(column))],
    });
  }

  /** True where neighbouring terms are neighbours, or a fixed number of elements apart, in the rows' factor. */
  private runsAlongTerms(): boolean {
    const innermost = this.summed[this.summed.length - 1]!.iterator;
    return this.builder.isInMemory(this.along.node) && this.strideOfRowsFactor(innermost) !== undefined;
  }

  /** How many elements of the rows' factor a step of the iterator goes, where only its last axis moves. */
  private strideOfRowsFactor(iterator: number): number | undefined {
    const { index } = this.along;
    const last = index.length - 1;
    if (index.some((i, axis) => axis !== last && i.iterators().includes(iterator))) return undefined;
    return index[last]?.iterators().includes(iterator) ? index[last].coefficientOf(iterator)?.value : undefined;
  }

  emit(): void {
    const nothing: Variables = this.item.extents.map(() => undefined);
    if (this.isSwept) {
      this.nest(this.shared, nothing, (outer) => this.pack(outer));
      this.builder.markWritten(this.panels);
      this.nest(this.others, nothing, (variables) => this.rows(variables));
      return;
    }
    this.nest(this.shared, nothing, (outer) => {
      this.pack(outer);
      this.nest(this.others, outer, (variables) => this.rows(variables));
    });
  }

  /** The rows in blocks of tiles; those that are left over come one by one. */
  private rows(variables: Variables): void {
    const { rowsTogether } = this;
    const extent = this.extent(this.row);
    const whole = extent.floorDiv(rowsTogether).times(rowsTogether);
    if ((whole.value ?? Number.POSITIVE_INFINITY) <= rowsOfBlock) {
      if (whole.value !== 0) this.block(variables, rowsTogether, { begin: Integer.zero, to: [whole] });
    } else {
      const body = (begin: Integer) =>
        this.block(variables, rowsTogether, { begin, to: [begin.plus(rowsOfBlock), whole] });
      this.loop(Integer.zero, whole, rowsOfBlock, body, { width: rowsTogether });
    }
    if (!whole.equals(extent)) this.block(variables, 1, { begin: whole, to: [extent] });
  }

  /** Some rows by all columns: each panel goes through all tiles of its columns. */
  private block(variables: Variables, rows: number, { begin, to }: { begin: Integer; to: readonly Integer[] }): void {
    const { builder, row, column, strips } = this;
    const isCopied = strips !== undefined && rows > 1;
    const tiles = (outer: Variables, body: (tile: Tile) => void) =>
      this.loop(begin, to, rows, (first) => {
        const each = Array.from({ length: rows }, (_, k) => first.plus(k));
        const strip = isCopied ? builder.fixed(this.depth.times(first.minus(begin))) : undefined;
        body({ variables: outer, rows: each, strip });
      });
    if (isCopied) {
      const areNeighbours = this.strideOfRowsFactor(row) === 1;
      tiles(variables, (tile) => {
        this.terms(variables, (inner, position) => {
          const copy = (k: Integer) => {
            const value = this.read(this.along, withValue(inner, row, tile.rows[0]!.plus(k)));
            this.store(strips, tile.strip!.plus(position.times(rows)).plus(k), value);
          };
          if (areNeighbours) this.columns(rows, copy);
          else for (let k = 0; k < rows; k++) copy(Integer.constant(k));
        });
      });
      builder.markWritten(strips);
    }
    const panels = (outer: Variables, body: (inColumn: Variables, panel: Integer, width: number) => void) =>
      this.inPieces(column, panelWidths, outer, (inColumn, width) => {
        body(inColumn, builder.fixed(this.panelOf(inColumn)), width);
      });
    if (this.isSwept) {
      tiles(variables, (tile) => {
        this.nest(this.shared, variables, (outer) => {
          panels(outer, (inColumn, panel, width) => this.tile({ ...tile, variables: inColumn }, panel, width));
        });
      });
      return;
    }
    panels(variables, (inColumn, panel, width) => tiles(inColumn, (tile) => this.tile(tile, panel, width)));
  }

  /** Where the panel of these columns begins. */
  private panelOf(variables: Variables): Integer {
    let round: Integer = Integer.zero;
    if (this.isSwept)
      for (const { iterator, extent } of this.shared) round = round.times(extent).plus(variables[iterator]!);
    return this.depth.times(round.times(this.extent(this.column)).plus(variables[this.column]!));
  }

  private extent(iterator: number): Integer {
    return this.item.extents[iterator]!;
  }

  /** Loops over whole axes. */
  private nest(axes: readonly Axis[], variables: Variables, body: (variables: Variables) => void): void {
    const [axis, ...rest] = axes;
    if (!axis) body(variables);
    else {
      this.loop(Integer.zero, axis.extent, 1, (at) => this.nest(rest, withValue(variables, axis.iterator, at), body));
    }
  }

  /** A loop up to the last of the limits, from which its variable stays away by a width. */
  private loop(
    from: Integer,
    to: Integer | readonly Integer[],
    step: number,
    body: (at: Integer) => void,
    { width = step, ...known }: { readonly isIndependent?: boolean; readonly width?: number } = {},
  ): void {
    const { builder } = this;
    const limits = to instanceof Integer ? [to] : [...to];
    const variable = builder.openLoop(limits[limits.length - 1]!.minus(width - 1));
    body(Integer.iterator(variable));
    builder.emit({ kind: "for", variable, from: [from], to: limits, step, ...known, body: builder.close() });
  }

  /** An axis in pieces of the first width, what is left of it in pieces of the next. */
  private inPieces(
    iterator: number,
    widths: readonly number[],
    variables: Variables,
    body: (variables: Variables, width: number) => void,
  ): void {
    const extent = this.extent(iterator);
    let from: Integer = Integer.zero;
    for (const width of widths) {
      const to = extent.floorDiv(width).times(width);
      if (!to.equals(from)) this.loop(from, to, width, (at) => body(withValue(variables, iterator, at), width));
      from = to;
    }
  }

  /** Loops over the terms, which are numbered. */
  private terms(variables: Variables, body: (variables: Variables, position: Integer) => void): void {
    this.nest(this.summed, variables, (inner) => {
      let position: Integer = Integer.zero;
      for (const { iterator, extent } of this.summed) position = position.times(extent).plus(inner[iterator]!);
      body(inner, position);
    });
  }

  /** Copies the columns' factor: the panel that begins with column c begins at c times the number of terms. */
  private pack(outer: Variables): void {
    const { column, panels, builder } = this;
    const extent = this.extent(column).value ?? Number.POSITIVE_INFINITY;
    if (extent > mostAtOnce) {
      this.inPieces(column, panelWidths, outer, (first, width) => {
        this.terms(first, (inner, position) => this.copyColumns(inner, position, width));
      });
    } else {
      // what a term has of all columns lies together: it is read once
      this.terms(outer, (inner, position) => {
        let at = 0;
        for (const width of panelWidths)
          for (; at + width <= extent; at += width)
            this.copyColumns(withValue(inner, column, Integer.constant(at)), position, width);
      });
    }
    builder.markWritten(panels);
  }

  /** Copies a term of neighbouring columns to their panel. */
  private copyColumns(inner: Variables, position: Integer, width: number): void {
    const { column } = this;
    const begin = this.builder.fixed(this.panelOf(inner));
    this.columns(width, (offset) => {
      const value = this.read(this.across, withValue(inner, column, inner[column]!.plus(offset)));
      this.store(this.panels, begin.plus(position.times(width)).plus(offset), value);
    });
  }

  private tile({ variables, rows, strip }: Tile, begin: Integer, width: number): void {
    const { builder, row, column } = this;
    this.columns(width, (offset) => {
      const at = variables[column]!.plus(offset);
      const sums = rows.map(() => this.start());
      const terms = (body: (inner: Variables, position: Integer) => void) =>
        // copies of both factors are read by the number of the term alone
        strip
          ? this.loop(Integer.zero, this.depth, 1, (position) => body(variables, position))
          : this.terms(variables, body);
      terms((inner, position) => {
        builder.shareLoads = true;
        const panel = this.load(this.panels, begin.plus(position.times(width)).plus(offset));
        for (const [k, sum] of sums.entries()) {
          const value = strip
            ? this.load(this.strips!, strip.plus(position.times(rows.length)).plus(k))
            : this.read(this.along, withValue(inner, row, rows[k]!));
          this.add(sum, value, panel);
        }
        builder.shareLoads = false;
      });
      for (const [k, temporary] of sums.entries()) {
        const place = withValue(withValue(variables, row, rows[k]!), column, at);
        const index = this.item.output.map((i) => placed(i, place));
        const address = builder.address(index, this.item.node.shape);
        builder.emit({
          kind: "store",
          buffer: this.target,
          address,
          value: finished(this.item, index, temporary, builder),
        });
      }
    });
  }

  private columns(width: number, body: (offset: Integer) => void): void {
    if (width === 1) body(Integer.zero);
    else this.loop(Integer.zero, Integer.constant(width), 1, body, { isIndependent: true });
  }

  private start(): Temporary {
    const temporary = this.builder.temporary(this.item.node.dtype);
    this.builder.emit({ kind: "start", temporary, value: { kind: "constant", value: 0, dtype: temporary.dtype } });
    return temporary;
  }

  private add(temporary: Temporary, x: Value, y: Value): void {
    const value: Value = { kind: "apply", primitive: mul.primitive, operands: [x, y], dtype: temporary.dtype };
    this.builder.emit({ kind: "combine", temporary, combine: "sum", value });
  }

  private read({ node, index }: NodeRead, variables: Variables): Value {
    const { builder } = this;
    // a whole tile is inside, which the limits of its loops do not show
    builder.assume(variables.flatMap((position, k) => (position ? [{ index: position, extent: this.extent(k) }] : [])));
    const at = index.map((i) => builder.resolve(placed(i, variables), this.item.node.graph));
    return builder.evaluateSettled({ node, index: at }, node === this.item.node).value;
  }

  private load(buffer: Buffer, address: Integer): Value {
    return this.builder.load(buffer, [address], buffer.shape).value;
  }

  private store(buffer: Buffer, address: Integer, value: Value): void {
    const { builder } = this;
    builder.emit({ kind: "store", buffer, address: builder.address([address], buffer.shape), value });
  }
}

function withValue(variables: Variables, iterator: number, value: Integer): Variables {
  return variables.map((known, k) => (k === iterator ? value : known));
}
