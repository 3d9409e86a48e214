import type { Warning } from "../../build/model.ts";
import type { Builder } from "../../build/terms/builder.ts";
import { StandIns } from "../../build/terms/stand-ins.ts";
import { integerTerm, realOf, settled, type Term } from "../../build/terms/term.ts";
import { NablaError, UsageError } from "../../ir/errors.ts";
import type { Integer } from "../../ir/integer.ts";
import { excerpt, place, type Span } from "../../ir/source.ts";
import { reachableIds } from "../../ir/walks/traverse.ts";
import type { Dialect, Units } from "../dialect.ts";
import { mostErrors } from "../syntax/read.ts";
import type { Call, Statement } from "../syntax/syntax.ts";
import { lineAndColumn, placed } from "./blame.ts";
import { type Poison, Poisoned, poison, Scope } from "./values.ts";

/** Made of numbers alone, without data, sizes and positions. */
function isWrittenOut({ builder: { graph }, expr }: Term): boolean {
  return !reachableIds(graph, [expr.id]).some((id) => ["leaf", "size", "iota", "operation"].includes(graph.kindOf(id)));
}

/** Thrown when so many errors are known that more of them would help nobody: what follows is not read. */
export class EnoughErrors extends Error {}

/** What one elaboration keeps: the builder of its graph, what was reported, which names derivatives vary. */
export class Context {
  readonly builder: Builder;
  readonly dialect: Dialect;
  readonly errors: NablaError[] = [];
  readonly warnings: Warning[] = [];
  /** Names that some derivative of this text varies: values bound to them become variables of their own. */
  readonly varied: ReadonlySet<string>;
  readonly standIns: StandIns;
  readonly units: Units;
  /** Calls of definitions that are being expanded, the innermost last. */
  readonly expanding: Call[] = [];
  expansions = 0;
  /** The scope of the statements; bodies of definitions see it. */
  readonly global = new Scope();
  /** Where the text declares names, also those that are not in scope yet. */
  declared: ReadonlyMap<string, Span> = new Map();
  /** Sizes that no statement declares: they are there by standing in a shape. */
  readonly implicitSizes = new Map<string, Span>();
  /** How many indices the name being looked up stands within. */
  indexDepth = 0;
  private readonly reported = new Set<string>();

  /** Values of a template. */
  private readonly holes: readonly Term[];

  constructor(
    builder: Builder,
    dialect: Dialect,
    varied: ReadonlySet<string>,
    options: { readonly holes?: readonly Term[]; readonly statements?: readonly Statement[] } = {},
  ) {
    this.builder = builder;
    this.dialect = dialect;
    this.varied = varied;
    this.holes = options.holes ?? [];
    this.units = dialect.unitsOf(options.statements ?? []);
    this.standIns = builder.names?.standIns ?? new StandIns(builder);
  }

  /** Adds an error, once, even when a body runs several times; the value of what failed is poison. */
  report(error: NablaError): Poison {
    const key = `${error.span?.start ?? -1}:${error.summary}`;
    if (!this.reported.has(key)) {
      this.reported.add(key);
      this.errors.push(error);
      if (this.errors.length >= mostErrors) throw new EnoughErrors();
    }
    return poison;
  }

  /** Notes a warning once; while ranges are looked for, what runs is run again. */
  warn(summary: string, span: Span, notes: readonly string[] = []): void {
    if (this.builder.isSearching) return;
    const key = `warning ${span.start}:${summary}`;
    if (this.reported.has(key)) return;
    this.reported.add(key);
    const message = [`${place(span)}: warning: ${summary}`, excerpt(span), ...notes].join("\n");
    this.warnings.push({ summary, span, message });
  }

  /** Runs what a stretch of text means. Errors get its place and are reported; the result is poison then. */
  at<T>(span: Span, run: () => T, notes: () => readonly string[] = () => []): T | Poison {
    const outer = this.builder.span;
    this.builder.span = span;
    try {
      return this.builder.graph.withOrigin(span, run);
    } catch (error) {
      if (error instanceof Poisoned) return poison;
      if (!(error instanceof NablaError)) throw error;
      const calls = this.expanding.map((call) => `In ${call.callee.name}, called at ${lineAndColumn(call.span)}.`);
      return this.report(error.span ? error : placed(error, span, [...notes(), ...calls.slice(-3)]));
    } finally {
      this.builder.span = outer;
    }
  }

  /** A whole number as a value. */
  integer(value: Integer): Term {
    return integerTerm(this.builder, value);
  }

  hole(index: number): Term {
    const term = this.holes[index];
    if (!term) throw new UsageError("a hole stands in a tagged template only.");
    return term;
  }

  /** What a name begins as: whole numbers that are written out are reals under a name that derivatives vary. */
  begun(name: string, term: Term): Term {
    return term.dtype === "int" && this.varied.has(name) && isWrittenOut(term) ? realOf(term) : term;
  }

  /** The value under a name: derivatives that vary the name need a variable of its own. */
  bound(name: string, term: Term): Term {
    if (!this.varied.has(name)) return settled(term);
    const value = this.begun(name, term);
    return value.dtype === "real" ? this.standIns.standFor(value) : value;
  }
}
