import { jacobian, vjp } from "../../autodiff/derivatives.ts";
import { type ErrorDetails, nearestName, UsageError } from "../../ir/errors.ts";
import type { Expr } from "../../ir/graph.ts";
import { substitute } from "../../ir/walks/traverse.ts";
import { broadcast, turned } from "../../ops/arrays/contractions.ts";
import { div, mul } from "../../ops/elementary/algebra.ts";
import { toReal } from "../../ops/elementary/cast.ts";
import { sqrt } from "../../ops/elementary/powers.ts";
import { graphCost, sizeHints } from "../../rewrite/cost.ts";
import { simplify, spelledOut } from "../../rewrite/rewrite.ts";
import type { BoundParts } from "../bound/parts.ts";
import type { FunctionTable } from "../functions.ts";
import { type NoSquare, type SumOfSquares, sumOfSquares } from "./squares.ts";

/** Where the residuals of a loss are to be found. */
export interface LeastSquaresOptions {
  /**
   * The outputs that are the residuals, where the loss does not show them: loss = factor * sum(r^2). By default they are
   * found in the loss.
   */
  readonly residuals?: readonly string[];
  /** With `residuals` only. Default: 1. */
  readonly factor?: number;
}

/** A loss as factor * (sum of the squares of all residuals) + the offsets. */
export interface Residuals {
  /** Arrays of any shapes; one after the other, row-major, they are the residuals. */
  readonly residuals: readonly Expr[];
  /** A scalar of sizes and constants; absent: 1. */
  readonly factor: Expr | undefined;
  /** Scalars that do not depend on the variables. */
  readonly offsets: readonly Expr[];
  /** What must not be negative, so that the residuals are real: weights, and factors of single sums. */
  readonly weights: readonly Expr[];
}

/** The residuals of a loss as it is written, or else as it is simplified. Throws UsageError for a loss that has none. */
function residualsOf(loss: Expr, simplified: () => Expr, wrt: readonly Expr[]): Residuals {
  const asWritten = sumOfSquares(spelledOut([loss])[0]!, wrt);
  if (!("node" in asWritten)) return combined(asWritten);
  const rewritten = sumOfSquares(spelledOut([simplified()])[0]!, wrt);
  if (!("node" in rewritten)) return combined(rewritten);
  throw noSumOfSquares(asWritten);
}

/** One factor before all squares where they agree on it; else each residual takes the root of its own. */
function combined({ squares, offsets }: SumOfSquares): Residuals {
  if (squares.length === 0) throw new UsageError("the loss has no residuals: it does not depend on the parameters.");
  const scales = squares.map(({ scale }) => scale);
  const [first] = scales;
  const agree = scales.every((scale) => scale === first);
  const factor = agree || (first && isSettled(first)) ? first : undefined;
  const weights: Expr[] = [];
  const residuals = squares.map(({ scale, weight, residual }) => {
    const scalar = scale === factor ? undefined : relative(scale, factor, residual);
    const parts = [scalar && broadcast(scalar, residual.shape), weight].filter((part) => part !== undefined);
    weights.push(...[scalar, weight].filter((part) => part !== undefined));
    return parts.reduce((r, part) => mul(sqrt(part), r), residual);
  });
  return { residuals, factor, offsets, weights: factor ? [...weights, factor] : weights };
}

function relative(scale: Expr | undefined, factor: Expr | undefined, { graph }: Expr): Expr {
  const own = scale ?? graph.constant(1);
  return factor ? div(own, factor) : own;
}

/** True for what sizes and constants alone make. */
function isSettled(expr: Expr): boolean {
  const { graph } = expr;
  const open = [expr.id];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (graph.kindOf(id) === "leaf") return false;
    open.push(...graph.operandIds(id));
  }
  return true;
}

function noSumOfSquares({ node }: NoSquare): UsageError {
  const origin = node.graph.originOf(node.id);
  const details: ErrorDetails = {
    span: typeof origin === "object" ? origin : undefined,
    notes: [
      ...(typeof origin === "string" ? [`Built at ${origin}.`] : []),
      "Least squares needs a loss such as sum(r^2), mean(w * r^2) or dot(r, r), and sums and multiples of these.",
      'Name outputs that are the residuals, leastSquares({ residuals: ["r"] }), or take a method for any loss, such as lbfgs().',
    ],
  };
  return new UsageError(`the loss is no sum of squares: ${nameOf(node)} is not squared in it.`, details);
}

function nameOf(node: Expr): string {
  const { graph, id } = node;
  if (node.kind === "leaf") return `"${graph.leafOf(id).name}"`;
  if (node.kind === "map") return `a result of ${graph.primitiveOf(id).name}`;
  if (node.kind === "operation") return `a result of ${graph.operationOf(id).name}`;
  return graph.isView(id) ? "an element" : `a ${node.kind === "reduce" ? graph.combineOf(id) : "sum"}`;
}

/**
 * The Jacobian of a residual array in a variable, of shape [...residual, ...variable]. Forward mode costs about n
 * evaluations, reverse mode about m: `mode` chooses.
 */
function jacobianBlock(residual: Expr, variable: Expr, mode: "forward" | "reverse"): Expr {
  if (mode === "forward") return jacobian(residual, variable);
  const cotangent = residual.graph.variable(residual.shape);
  const slopes = jacobian(vjp(residual, cotangent, [variable])[0]!, cotangent);
  // a product that is 0 where a cotangent is, whatever it multiplies, is no linear function: a row has it where its cotangent is 1
  const rows = substitute([slopes], new Map([[cotangent, residual.graph.constantLike(1, cotangent)]]))[0]!;
  return turned(rows, variable.shape.length);
}

/** The residuals that a model names itself. Throws UsageError for names of no output. */
function namedResiduals(names: readonly string[], { functions, outputNames }: BoundParts): Residuals {
  const residuals = names.map((name) => {
    if (outputNames.includes(name)) return toReal(functions.output(name));
    const near = nearestName(name, outputNames);
    throw new UsageError(`the model has no output "${name}" to take as residuals.`, {
      notes: [near ? `Did you mean "${near}"?` : `Its outputs: ${outputNames.join(", ") || "none"}.`],
    });
  });
  if (residuals.length === 0) throw new UsageError("residuals needs at least one name of an output, got none.");
  return { residuals, factor: undefined, offsets: [], weights: [] };
}

type Mode = "forward" | "reverse";

const known = new WeakMap<FunctionTable, Map<string, ResidualFunctions>>();

/** The residuals that the loss is made of, or that outputs name: made once for a model. Throws UsageError. */
export function residualFunctions(parts: BoundParts, named: readonly string[] | undefined): ResidualFunctions {
  const { functions, variables } = parts;
  const ofModel = known.get(functions) ?? new Map<string, ResidualFunctions>();
  known.set(functions, ofModel);
  const key = JSON.stringify(named ?? "loss");
  const made = ofModel.get(key);
  if (made) return made;
  const found = named
    ? namedResiduals(named, parts)
    : residualsOf(functions.lossAsWritten ?? functions.loss, () => functions.loss, variables);
  const residuals = new ResidualFunctions(found, functions, variables, key);
  ofModel.set(key, residuals);
  return residuals;
}

/** Residuals and their Jacobian as outputs of a table of functions, each defined when it is first asked for. */
export class ResidualFunctions {
  readonly residualNames: readonly string[];
  readonly factorNames: readonly string[];
  readonly offsetNames: readonly string[];
  readonly weightNames: readonly string[];
  private readonly residuals: Residuals;
  private simplified: readonly Expr[] | undefined;
  private readonly functions: FunctionTable;
  private readonly variables: readonly Expr[];
  private readonly prefix: string;
  private readonly modes = new Map<string, { readonly names: readonly string[]; readonly exprs: readonly Expr[] }>();

  constructor(residuals: Residuals, functions: FunctionTable, variables: readonly Expr[], prefix: string) {
    this.residuals = residuals;
    this.functions = functions;
    this.variables = variables;
    this.prefix = prefix;
    this.residualNames = this.define("residual", residuals.residuals);
    this.factorNames = this.define("factor", residuals.factor ? [residuals.factor] : []);
    this.offsetNames = this.define("offset", residuals.offsets);
    this.weightNames = this.define("weight", residuals.weights);
  }

  /**
   * The blocks of the Jacobian by residual array and variable, each row-major. Forward mode; where there are fewer
   * residuals than parameters, whichever mode takes fewer operations with these sizes.
   */
  jacobianNames(counts: readonly number[], dimension: number, sizes: ReadonlyMap<string, number>): readonly string[] {
    return this.residuals.residuals.flatMap((_, k) => {
      const forward = this.blocks(k, "forward");
      if (counts[k]! >= dimension) return forward.names;
      const reverse = this.blocks(k, "reverse");
      const hints = sizeHints([...forward.exprs, ...reverse.exprs], sizes);
      return graphCost(reverse.exprs, hints) < graphCost(forward.exprs, hints) ? reverse.names : forward.names;
    });
  }

  private blocks(k: number, mode: Mode): { readonly names: readonly string[]; readonly exprs: readonly Expr[] } {
    const key = `${mode} ${k}`;
    const known = this.modes.get(key);
    if (known) return known;
    const { level } = this.functions;
    // as the loss is: what cancels or overflows in the slopes of a formula as written need not in those of its simpler form
    this.simplified ??= simplify(this.residuals.residuals, { level });
    const blocks = this.variables.map((expr) => jacobianBlock(this.simplified![k]!, expr, mode));
    const exprs = simplify(blocks, { level });
    const made = { names: this.define(`jacobian ${key}`, exprs), exprs };
    this.modes.set(key, made);
    return made;
  }

  private define(what: string, exprs: readonly Expr[]): string[] {
    return exprs.map((expr, k) => {
      const name = `${this.prefix} ${what} ${k}`;
      this.functions.define(name, expr);
      return name;
    });
  }
}
