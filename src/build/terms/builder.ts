import type { Guard } from "../../ir/contraction.ts";
import { LimitError } from "../../ir/errors.ts";
import type { Extension } from "../../ir/extension.ts";
import { type Expr, Graph } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { Span } from "../../ir/source.ts";
import type { Read } from "../../ops/arrays/contractions.ts";
import type { MeasuredDerivatives } from "../../units/derivatives.ts";
import type { Range, Requirement } from "../model.ts";
import type { Names } from "./names.ts";
import type { Term } from "./term.ts";

/** How many axes a tensor can have, iterators in scope among them. */
export const mostAxes = 64;

/** What messages call an array of whole numbers that has no name. */
export const computed = "computed";

/** Iterators in scope are atoms from here on; below are the axes of a term itself: axis k is the atom $k. */
export const firstToken = mostAxes;

/** A name that runs over a range, in the scope of a binder. Its value is start + $token. */
export interface Iterator {
  readonly token: number;
  readonly name: string;
  readonly start: Integer;
  /** How many values it takes at most. */
  readonly extent: Integer;
  /** Conditions of a range that depends on iterators further out: j in 0..i+1. */
  readonly guards: readonly Guard[];
  /** Where the length of the range varies: its ends. */
  readonly ends?: Range;
  /** The ends, of what is the first axis of a slice whose ends vary. */
  readonly row?: Range;
  /** Present while the range is looked for: the reads found so far, and then the range. */
  readonly search?: Search;
  /** Whether the ends depend on iterators whose ranges are still looked for; the extent is then unknown, too. */
  readonly isOpen?: boolean;
}

/** What is known about an iterator whose range was left out. While it runs, its value is $token itself. */
export interface Search {
  readonly reads: RangeRead[];
  range: Range | undefined;
  /** What to say when no read settles the range. */
  readonly unsettled: (reads: readonly RangeRead[]) => Error;
}

/** A read at an index of an axis of a size, under the conditions of the path to it. */
export interface RangeRead {
  readonly index: Integer;
  readonly size: Integer;
  readonly guards: readonly Guard[];
  readonly label: string;
  /** The end of the axis that the index may not pass; past the other one nothing is read. By default both. */
  readonly end?: "low" | "high";
}

/** A condition on the way to the expression that is being built. */
export interface Step {
  readonly condition: Term;
  readonly holds: boolean;
  readonly guards: readonly Guard[];
}

/** A read at positions, of which arrays of as many conditions on the path say which count: where each element takes its own. */
export interface Positions extends Read {
  readonly path: readonly Step[];
  readonly requireAll: () => void;
}

export interface BuilderOptions {
  readonly site?: () => string | undefined;
  readonly tracesNodes?: boolean;
  /** What the model may come to need, known from the start. */
  readonly extensions?: readonly Extension[];
}

/** What the terms of one model under construction share: its graph, the iterators, the path of conditions. */
export class Builder {
  /** Where the model states units. */
  measured: MeasuredDerivatives | undefined;
  /** Where the model comes from TypeScript. */
  names: Names | undefined;
  readonly graph: Graph;
  readonly requirements: Requirement[] = [];
  /** The reads at positions under conditions so far. */
  readonly positions: Positions[] = [];
  /** The values that int leaves may have. */
  readonly ranges = new Map<number, Range>();
  /** The data that derivatives are taken in, by name. */
  readonly varied = new Set<string>();
  /** The first axes of slices whose ends vary, by their ends. */
  readonly rows = new Map<string, Iterator>();
  private readonly iterators: Iterator[] = [];
  private path: readonly Step[] = [];
  private searching = 0;
  private depth = 0;
  private readonly required = new Set<string>();
  /** Where requirements come from: the span or call site of what is being built. */
  span: Span | undefined;

  /** The TypeScript line that is building, where models come from TypeScript. */
  private readonly site: (() => string | undefined) | undefined;
  /** Whether nodes remember the line that built them. */
  private readonly tracesNodes: boolean;

  constructor({ site, tracesNodes = false, extensions }: BuilderOptions = {}) {
    this.graph = new Graph(extensions);
    this.site = site;
    this.tracesNodes = tracesNodes;
  }

  /** Runs `build`; the nodes it makes remember the line of TypeScript, where that is asked for. */
  traced<T>(build: () => T): T {
    return this.tracesNodes ? this.graph.withOrigin(this.site?.(), build) : build();
  }

  /** A fresh iterator; later ones have larger tokens. */
  iterator(
    name: string,
    start: Integer,
    extent: Integer,
    guards: (own: Integer) => readonly Guard[] = () => [],
    more: Pick<Iterator, "ends" | "row" | "isOpen"> = {},
  ): Iterator {
    const token = firstToken + this.iterators.length;
    const iterator = { token, name, start, extent, guards: guards(Integer.iterator(token)), ...more };
    this.iterators.push(iterator);
    return iterator;
  }

  /** A fresh iterator whose range is to be found; its extent is a size that no model can name. */
  unknownIterator(name: string, ends: Range | undefined, unsettled: Search["unsettled"]): Iterator {
    const token = firstToken + this.iterators.length;
    const search: Search = { reads: [], range: undefined, unsettled };
    const extent = Integer.named(`?${token}`);
    const iterator = { token, name, start: Integer.zero, extent, guards: [], search, ...(ends && { ends }) };
    this.iterators.push(iterator);
    return iterator;
  }

  /** A symbolic integer as people write it: iterators and int leaves by their names. */
  show(integer: Integer): string {
    const text = integer.toString((token) => (token >= firstToken ? this.iteratorAt(token).name : `axis ${token}`));
    return text.replace(/@(\d+)(\[\])?/g, (_, operand: string) => {
      const id = Number(operand);
      return this.graph.kindOf(id) === "leaf" ? this.graph.leafOf(id).name : computed;
    });
  }

  iteratorAt(token: number): Iterator {
    return this.iterators[token - firstToken]!;
  }

  /** The iterators that an integer depends on, in canonical order. */
  iteratorsOf(integer: Integer): Iterator[] {
    return integer
      .iterators()
      .filter((atom) => atom >= firstToken)
      .sort((a, b) => a - b)
      .map((token) => this.iteratorAt(token));
  }

  /** True while bodies run only to find ranges: what they build is thrown away. */
  get isSearching(): boolean {
    return this.searching > 0;
  }

  /** Runs what belongs to binders; they stand within each other up to the number of axes a tensor can have. */
  within<T>(binders: number, run: () => T): T {
    this.depth += binders;
    try {
      if (this.depth > mostAxes) throw new LimitError(`more than ${mostAxes} iterators stand within each other.`);
      return run();
    } finally {
      this.depth -= binders;
    }
  }

  search<T>(run: () => T): T {
    this.searching++;
    try {
      return run();
    } finally {
      this.searching--;
    }
  }

  /** Enters the scope of a condition that holds, or that fails; what comes back leaves it again. */
  enter(condition: Term, holds: boolean, guards: readonly Guard[]): () => void {
    const outer = this.path;
    this.path = [...outer, { condition, holds, guards }];
    return () => {
      this.path = outer;
    };
  }

  /** What is known to hold on the path. */
  get pathGuards(): readonly Guard[] {
    return this.path.flatMap((step) => step.guards);
  }

  get pathConditions(): readonly Step[] {
    return this.path;
  }

  require(requirement: Requirement): void {
    const { index, extent, guard } = requirement;
    const key = `${index.id}<${extent?.key ?? ""}?${guard?.id ?? ""}`;
    if (this.isSearching || this.required.has(key)) return;
    this.required.add(key);
    const { span = this.span, site = span ? undefined : this.site?.() } = requirement;
    this.requirements.push({ ...requirement, span, site });
  }

  /**
   * Begins something that may have to be done again: requirements that it leaves are taken out, for `requirements` to
   * hand over, or are forgotten by `undo`.
   */
  attempt(): { requirements(): readonly Requirement[]; undo(): void } {
    const before = this.requirements.length;
    const known = new Set(this.required);
    const take = () => {
      const taken = this.requirements.splice(before);
      this.required.clear();
      for (const key of known) this.required.add(key);
      return taken;
    };
    return { requirements: take, undo: take };
  }

  /** Declares which values an int leaf may have. */
  declareRange(leaf: Expr, range: Range): void {
    this.ranges.set(leaf.id, range);
  }
}
