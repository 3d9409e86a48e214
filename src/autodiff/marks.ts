import { partsOf, type Scan, type ScanDraft, type ScanRoots } from "../ir/bodies/scan.ts";
import { type Expr, sameShape } from "../ir/graph.ts";
import type { Call } from "../ir/operation.ts";
import { axes, view } from "../ops/arrays/contractions.ts";
import { allOf, select } from "../ops/elementary/comparison.ts";
import { masked } from "./masks.ts";
import { conditionsOn } from "./shields.ts";

type Optional = Expr | undefined;

/** A condition on the first axes of all carries, and the variable that stands for it in every step. */
interface Mark {
  readonly condition: Expr;
  readonly variable: Expr;
}

/**
 * The conditions without which nothing flows back through the carries of a scan. What a choice over these axes leaves out may be
 * infinite or NaN in steps: products with what flows back are taken under the marks there, and slopes are 0 under them outside.
 */
export class Marks {
  readonly all: readonly Mark[];
  private readonly source: Source;
  private readonly rank: number;

  private constructor(source: Source, rank: number, all: readonly Mark[]) {
    this.source = source;
    this.rank = rank;
    this.all = all;
  }

  /** What the cotangents of a scan's results share, and what its steps know already. */
  static of(call: Call<Scan>, draft: ScanDraft, given: ScanRoots<Optional>): Marks {
    const source = { call, draft, given };
    return Marks.within(source, commonRank(source));
  }

  /** The marks over as many axes as there are any for. */
  private static within(source: Source, most: number): Marks {
    for (let rank = most; rank > 0; rank--) {
      const all = marksOver(source, rank);
      if (all.length > 0) return new Marks(source, rank, all);
    }
    return new Marks(source, 0, []);
  }

  /** The marks that the steps of the scan do not have yet. */
  get added(): readonly Mark[] {
    const { constants } = this.source.draft.parameters;
    return this.all.filter(({ variable }) => !constants.includes(variable));
  }

  /** What flows back in a step, 0 where its own conditions fail: those of all carries are all. */
  onFlows({ carries, stacks, sums }: ScanRoots<Optional>): ScanRoots<Optional> {
    const { given } = this.source;
    const own = (list: readonly Optional[], outside: readonly Optional[], first: number) =>
      list.map((flow, k) => flow && under(this.on(conditionsOn(outside[k]!, this.rank, first)), flow));
    return {
      carries: carries.map((flow) => flow && under(this.all, flow)),
      stacks: own(stacks, given.stacks, 1),
      sums: own(sums, given.sums, 0),
    };
  }

  /** The marks under which the slopes of the carries come back, as they went in: nothing that they hide comes back. */
  keptBy(slopes: readonly Optional[]): Marks {
    const known = slopes.map((slope) => slope && conditionsOn(slope, this.rank));
    const kept = this.all.filter(({ variable }) => known.every((conditions) => conditions?.includes(variable) ?? true));
    if (kept.length === this.all.length) return this;
    return kept.length > 0 ? new Marks(this.source, this.rank, kept) : Marks.within(this.source, this.rank - 1);
  }

  /** True of a condition on a slope in a step that a mark states. */
  states(condition: Expr): boolean {
    return this.all.some(({ variable }) => overAxes(variable, condition) === condition);
  }

  onCarry(slope: Expr): Expr {
    return hiddenBy(this.all, slope, 0);
  }

  /** What the slopes of steps come to, under the marks that these have; its own axes begin at `first`. */
  onSlope(value: Expr, inSteps: Expr, first: number): Expr {
    const conditions = conditionsOn(inSteps, this.rank);
    return hiddenBy(
      this.all.filter(({ variable }) => conditions.includes(variable)),
      value,
      first,
    );
  }

  private on(conditions: readonly Expr[]): readonly Mark[] {
    return this.all.filter(({ condition }) => conditions.includes(condition));
  }
}

interface Source {
  readonly call: Call<Scan>;
  readonly draft: ScanDraft;
  readonly given: ScanRoots<Optional>;
}

/** The real carries, whose first axes marks are over; without any, what flows back. */
function carriersOf({ draft, given }: Source): readonly Expr[] {
  const carries = draft.parameters.carries.filter(({ dtype }) => dtype === "real");
  if (carries.length > 0) return carries;
  const { stacks, sums } = draft.roots;
  return [...stacks.filter((_, k) => given.stacks[k]), ...sums.filter((_, k) => given.sums[k])];
}

/** So many first axes do all carriers have in common. */
function commonRank(source: Source): number {
  const [first, ...others] = carriersOf(source);
  if (!first) return 0;
  const { shape } = first;
  const isCommon = (axis: number) => others.every((other) => other.shape[axis]?.equals(shape[axis]!));
  const end = shape.findIndex((_, axis) => !isCommon(axis));
  return end < 0 ? shape.length : end;
}

/** The conditions on so many first axes that all carries come back under, with variables for them. */
function marksOver(source: Source, rank: number): readonly Mark[] {
  const { call, draft, given } = source;
  const shape = carriersOf(source)[0]!.shape.slice(0, rank);
  const constants = partsOf(call.operation, call.operands).constants;
  const conditionsOf = (list: readonly Optional[], first = 0) =>
    list.flatMap((flow) => (flow ? [conditionsOn(flow, rank, first)] : []));
  const ofCarries = conditionsOf(given.carries);
  const found = [
    ...ofCarries.flat(),
    ...conditionsOf(given.stacks, 1).flat(),
    ...conditionsOf(given.sums).flat(),
    ...constants.filter(({ dtype }) => dtype === "bool"),
  ];
  const shared = [...new Set(found)].filter(
    (condition) => sameShape(condition.shape, shape) && ofCarries.every((conditions) => conditions.includes(condition)),
  );
  return shared.map((condition) => ({
    condition,
    variable: draft.parameters.constants[constants.indexOf(condition)] ?? draft.step.graph.variable(shape, "bool"),
  }));
}

/** A condition at every place of a value, whose own axes begin at `first`. */
const overAxes = (condition: Expr, { shape }: Expr, first = 0) =>
  view(condition, shape, axes(first + condition.shape.length).slice(first));

const under = (marks: readonly Mark[], flow: Expr) =>
  marks.length > 0 ? select(allOf(marks.map(({ variable }) => overAxes(variable, flow))), flow, 0) : flow;

function hiddenBy(marks: readonly Mark[], value: Expr, first: number): Expr {
  if (marks.length === 0) return value;
  return masked(allOf(marks.map(({ condition }) => overAxes(condition, value, first))), value)!;
}
