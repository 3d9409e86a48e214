import type { Expr } from "../../ir/graph.ts";
import type { Builder } from "./builder.ts";
import { StandIns } from "./stand-ins.ts";
import type { Term } from "./term.ts";

/** Tensors that derivatives vary, each by its place in the order in which tensors are made: the first place of those that are equal. */
export type Varied = ReadonlyMap<number, number>;

/**
 * The tensors of TypeScript as names that derivatives vary. Which ones they vary is known when all is built: then the model is
 * built once more, with variables in the places of these.
 */
export class Names {
  readonly standIns: StandIns;
  /** Varied, and no variables yet. */
  readonly missing = new Map<number, number>();
  private readonly varied: Varied;
  private readonly variables = new Map<number, Term>();
  private readonly tensors = new Set<Term>();
  /** The tensors of one expression, with their places. */
  private readonly equal = new Map<Expr, (readonly [Term, number])[]>();
  private count = 0;

  constructor(builder: Builder, varied: Varied) {
    this.standIns = new StandIns(builder);
    this.varied = varied;
  }

  /** The value of the next tensor: a variable in its place, where a derivative varies it. */
  next(value: Term): Term {
    if (this.tensors.has(value)) return value;
    const place = this.count++;
    const first = this.varied.get(place);
    const term = first !== undefined && isNameable(value) ? this.variableAt(first, value) : value;
    this.tensors.add(term);
    const equal = this.equal.get(term.expr);
    if (equal) equal.push([term, place]);
    else this.equal.set(term.expr, [[term, place]]);
    return term;
  }

  private variableAt(place: number, value: Term): Term {
    const variable = this.variables.get(place) ?? this.standIns.standFor(value);
    this.variables.set(place, variable);
    return variable;
  }

  /** A derivative, by `take`, of f in the value of a tensor. */
  derivative(f: Term, w: Term, take: (f: Term) => Term): Term {
    if (w.expr.kind === "leaf") return this.standIns.derivative(f, w.expr, take);
    // one expression may stand under several iterators
    const isSame = ({ iterators, rank }: Term) =>
      rank === w.rank && iterators.every((iterator, k) => iterator === w.iterators[k]);
    const places = (this.equal.get(w.expr) ?? []).flatMap(([term, place]) => (isSame(term) ? [place] : []));
    for (const place of places) if (!this.varied.has(place)) this.missing.set(place, places[0]!);
    return take(f);
  }
}

/** Whether derivatives can vary a value that is on the way: others are refused, or are variables. */
function isNameable({ dtype, expr }: Term): boolean {
  return dtype === "real" && !["leaf", "constant", "tensor"].includes(expr.kind);
}
