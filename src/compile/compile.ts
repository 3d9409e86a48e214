import { gradient } from "../autodiff/derivatives.ts";
import type { ElaboratedModel, ModelSizes } from "../build/model.ts";
import { requireModel } from "../build/require-model.ts";
import type { Array1D } from "../emit/javascript.ts";
import { canEvaluate, compileJavaScript } from "../emit/javascript.ts";
import { type LoopTime, Profile } from "../emit/report/profile.ts";
import { evaluateShape } from "../interpreter/interpret.ts";
import { isRecord, meant, type Needs, needs, requireArgument, requireOptions } from "../ir/arguments/arguments.ts";
import { DataError, UsageError } from "../ir/errors.ts";
import { howTo } from "../ir/extension.ts";
import type { Expr, Graph } from "../ir/graph.ts";
import type { Integer } from "../ir/integer.ts";
import { toReal } from "../ops/elementary/cast.ts";
import type { Lookups } from "../rewrite/closing/in-tables.ts";
import { type SizeHints, sizeHints } from "../rewrite/cost.ts";
import { type Checkpoints, checkpointing, simplify } from "../rewrite/rewrite.ts";
import type { Level } from "../rewrite/rule.ts";
import { Settled } from "../rewrite/sweeps/settled.ts";
import { BoundModel } from "./bound/model.ts";
import { explainNaN } from "./debug.ts";
import { type DerivationInput, type FunctionName, lookupsOf, packedOffsets, type Variable } from "./derive.ts";
import { closureEngine, type Engine, FunctionTable, javaScriptEngine, openJavaScript } from "./functions.ts";
import { type Binding, type BindingContext, outside } from "./inputs/binding.ts";
import type { InputsOf } from "./inputs/by-name.ts";
import { requireFunctionName, requireNames, withInherited } from "./inputs/inputs.ts";
import type { Vectors } from "./inputs/packing.ts";
import { checkedRanges, countOutside, heldAnyway, leavesOf, verifyBinding } from "./inputs/verify.ts";
import { sayOnce } from "./notice.ts";
import { withVaried } from "./varied.ts";

/** What compile needs of a model: an elaborated one, or one built by hand. */
export type CompilableModel = Pick<ElaboratedModel, "name" | "graph" | "parameters" | "data" | "loss" | "outputs"> &
  Partial<Pick<ElaboratedModel, "requirements" | "sizes" | "varied">>;

export interface CompileOptions<Name extends string = string> {
  /** The parameters to differentiate in; the others are data. Default: all parameters of the model. */
  readonly wrt?: readonly Name[];
  /** exact: nothing that changes rounding. Default: all. */
  readonly rewrites?: Level;
  readonly engine?: Engine;
  /**
   * What derivatives of loops may store: the carries of every so many steps, or about so many bytes of carries under the
   * sizes that the model hints at. The steps between are computed again. Default: the carries of every step.
   */
  readonly checkpoints?: Checkpoints;
  /** A result that is NaN throws an error that names the first node that made it. Slower. Default: false. */
  readonly debug?: boolean;
  /** Loops are timed, see `profile`. Costs two readings of the clock a loop. Default: false. */
  readonly profile?: boolean;
}

const engineNeed = {
  what: "an object with a function compile",
  accepts: (value: unknown) => typeof (value as Engine | null)?.compile === "function",
};

export const compileNeeds: Needs<CompileOptions> = {
  wrt: needs.names,
  rewrites: {
    what: '"none", "exact" or "all"',
    accepts: (value) => ["none", "exact", "all"].includes(value as string),
  },
  engine: engineNeed,
  checkpoints: {
    what: "a number of steps, or { bytes }, at least 1",
    accepts: (value) =>
      typeof value === "number"
        ? Number.isSafeInteger(value) && value >= 1
        : isRecord(value) && Number(value.bytes) >= 1,
  },
  debug: needs.flag,
  profile: needs.flag,
};

/** Compiles a model: functions for loss, derivatives and outputs, each built when it is first used. */
export function compileModel(model: CompilableModel, options: CompileOptions = {}): CompiledModel {
  requireModel("compile", model);
  requireOptions("compile", options, compileNeeds);
  return new CompiledModel(model, options);
}

/** Functions of a model by name, each built when it is first used, and what binds them to data. */
export class CompiledModel {
  readonly name: string;
  private readonly sizes: ModelSizes | undefined;
  private readonly context: BindingContext;
  private readonly timed: Profile | undefined;

  constructor(given: CompilableModel, options: CompileOptions) {
    const model = withVaried(given, options.wrt);
    this.name = model.name;
    this.sizes = model.sizes;
    const leaves = [...model.parameters, ...model.data];
    const declared = new Map(leaves.map(({ name, expr }) => [name, expr]));
    const wrt = new Set(options.wrt ?? model.parameters.map(({ name }) => name));
    for (const name of wrt) requireReal(name, declared);
    const variables = leaves.filter(({ name }) => wrt.has(name)).map(({ name, expr }) => ({ name, expr }));
    const data = leaves.filter(({ name }) => !wrt.has(name));
    const { pointRequirements, hidden } = requirementsOfPoint(model, new Set(variables.map(({ expr }) => expr)));
    this.timed = options.profile ? new Profile() : undefined;
    const chosen = allowed(options.engine);
    const engine = this.timed ? timedEngine(this.timed, chosen) : chosen;
    const functions = new FunctionTable(new Derivations(model, options, variables, hidden), engine);
    this.context = {
      functions,
      variables,
      variableNames: new Set(variables.map(({ name }) => name)),
      packedLength: packedOffsets(variables).length,
      data,
      declared,
      outputNames: new Set(model.outputs.keys()),
      pointRequirements,
      starts: new Map([
        ...model.parameters.flatMap(({ name, start }) => (start ? [[name, start] as const] : [])),
        ...model.data.flatMap(({ name, fallback }) => (fallback ? [[name, fallback] as const] : [])),
      ]),
      bounds: new Map(model.parameters.flatMap(({ name, within }) => (within ? [[name, within] as const] : []))),
      fallbacks: new Map(model.data.flatMap(({ name, fallback }) => (fallback ? [[name, fallback]] : []))),
      debug: options.debug ? (b, outputs) => this.throwNaN(model, b, outputs) : undefined,
      heldAnyway: (sizes, bound) => {
        const requirements = pointRequirements.map(({ requirement }) => requirement);
        return heldAnyway(model, requirements, sizes, bound);
      },
      verify: (sizes, bound) => verifyBinding(model, sizes, bound),
    };
  }

  /** The parameters that derivatives are taken in, in packed order. */
  get variableNames(): ReadonlySet<string> {
    return this.context.variableNames;
  }

  /** Checks and copies the data once; what comes back computes without allocating. */
  bind(data: InputsOf<string> = {}, sizes: Readonly<Record<string, number>> = {}): BoundModel {
    requireArgument("sizes", needs.record, sizes);
    const own = withInherited(sizes, this.sizes?.free ?? []);
    requireSizeNames(this.sizes, Object.keys(own));
    requireNames(data);
    for (const name of this.sizes?.free ?? []) {
      if (!Object.hasOwn(data, name) || this.context.declared.has(name)) continue;
      throw new DataError(`"${name}" is a size, and no input: it is given in sizes, an argument of its own.`);
    }
    return new BoundModel(this.context, data, own);
  }

  /** The generated source of a function, to be read. */
  source(name: FunctionName): string {
    requireFunctionName(name);
    const code = this.context.functions.get(name, name === "outputs" ? [...this.context.outputNames] : []).code;
    return code.source ?? "";
  }

  /** What the loops of all functions have taken so far, those that took longest first. Throws UsageError without the option. */
  profile(): readonly LoopTime[] {
    if (!this.timed) throw new UsageError("loops are timed when the model is compiled with { profile: true }.");
    return this.timed.times();
  }

  private throwNaN(model: CompilableModel, { sizes, data, point }: Binding, outputs?: readonly string[]): never {
    const values = new Map<Expr, readonly number[]>();
    for (const { name, expr } of this.context.data) if (data.has(name)) values.set(expr, Array.from(data.get(name)!));
    let start = 0;
    for (const { expr } of this.context.variables) {
      const length = evaluateShape(expr.shape, sizes).reduce((product, size) => product * size, 1);
      values.set(expr, Array.from(point.subarray(start, start + length)));
      start += length;
    }
    const roots = outputs ? outputs.map((name) => model.outputs.get(name)!) : [model.loss!];
    const variables = outputs ? [] : this.context.variables.map(({ expr }) => expr);
    throw explainNaN({ roots, variables, sizes, values });
  }
}

/** What functions of a model are derived from: the simplified loss and its gradient are made when first asked for. */
class Derivations implements DerivationInput {
  readonly graph: Graph;
  readonly lossAsWritten: Expr | undefined;
  readonly outputs: ReadonlyMap<string, Expr>;
  readonly variables: readonly Variable[];
  readonly level: Level;
  readonly hints: SizeHints;
  readonly checked: ReadonlyMap<Expr, Integer>;
  readonly lookups: Lookups;
  readonly settled: Settled;
  private readonly model: CompilableModel;
  private readonly checkpoints: Checkpoints | undefined;
  private simplified: Expr | undefined;
  private gradient: readonly Expr[] | undefined;

  constructor(
    model: CompilableModel,
    { rewrites = "all", checkpoints }: CompileOptions,
    variables: readonly Variable[],
    hidden: ReadonlyMap<string, Expr>,
  ) {
    this.model = model;
    this.checkpoints = checkpoints;
    this.graph = model.graph;
    this.lossAsWritten = model.loss;
    this.outputs = new Map([...model.outputs, ...hidden]);
    this.variables = variables;
    this.level = rewrites;
    this.hints = sizeHints(
      model.parameters.map(({ expr }) => expr),
      model.sizes?.hints,
    );
    this.checked = checkedRanges(model.requirements);
    this.lookups = lookupsOf(model, this.checked);
    this.settled = new Settled(model.graph);
  }

  get loss(): Expr {
    const { model, checkpoints, level, hints, settled } = this;
    if (!model.loss) throw new UsageError(`${model.name} has no loss: it has outputs only.`);
    this.simplified ??= simplify(withCheckpoints(model, [model.loss], checkpoints), { level, hints, settled })[0]!;
    return this.simplified;
  }

  get slopes(): readonly Expr[] {
    this.gradient ??= gradient(
      this.loss,
      this.variables.map(({ expr }) => expr),
    );
    return this.gradient;
  }
}

/** Throws UsageError for a name in wrt that is no real leaf. */
function requireReal(name: string, declared: ReadonlyMap<string, Expr>): void {
  const dtype = declared.get(name)?.dtype;
  if (!dtype)
    throw new UsageError(`wrt names "${name}", which the model does not declare. ${meant(name, declared.keys())}`);
  if (dtype !== "real") throw new UsageError(`wrt names "${name}", which is ${dtype}: only reals vary.`);
}

/** JavaScript that times its loops. Throws UsageError for another engine. */
function timedEngine(profile: Profile, engine: Engine): Engine {
  if (engine !== javaScriptEngine) throw new UsageError("profile times generated JavaScript, and no other engine.");
  return {
    ...openJavaScript,
    compile: (program, signature) => compileJavaScript(program, signature, profile.timingOf(signature.name, program)),
  };
}

/** The roots with long loops in blocks, where that is asked for. */
function withCheckpoints(
  { graph, sizes }: CompilableModel,
  roots: readonly Expr[],
  checkpoints: Checkpoints | undefined,
): readonly Expr[] {
  if (checkpoints === undefined) return roots;
  return graph.extensions.reduce((current, extension) => {
    const inBlocks = howTo(checkpointing, extension);
    return inBlocks ? inBlocks(current, checkpoints, sizeHints(roots, sizes?.hints)) : current;
  }, roots);
}

/** Throws DataError for sizes by names that the model does not know, or whose value it gives itself. */
export function requireSizeNames(sizes: ModelSizes | undefined, names: readonly string[]): void {
  if (!sizes) return;
  const { free, given } = sizes;
  const known = new Set(free);
  for (const name of names) {
    if (known.has(name)) continue;
    const fixed = given.get(name);
    if (fixed) throw new DataError(`the model itself gives the size "${name}": it is ${fixed}.`);
    throw new DataError(`the model has no size "${name}". ${meant(name, free)}`);
  }
}

/** The requirements that parameters can break, with their indices as outputs that no model can name. */
function requirementsOfPoint(model: CompilableModel, variables: ReadonlySet<Expr>) {
  const hidden = new Map<string, Expr>();
  const pointRequirements = (model.requirements ?? []).flatMap((requirement, k) => {
    const parts = [requirement.index, ...(requirement.guard ? [requirement.guard] : [])];
    if (!leavesOf(parts).some((leaf) => variables.has(leaf))) return [];
    const outputs = parts.map((part, position) => {
      const name = `requirement ${k} ${position}`;
      // as reals: an array of ints would turn NaN into 0
      hidden.set(name, part.dtype === "int" ? toReal(part) : part);
      return name;
    });
    return [{ requirement, outputs }];
  });
  const requirements = pointRequirements.map(({ requirement }) => requirement);
  if (requirements.length > 0) hidden.set(outside, countOutside(requirements));
  return { pointRequirements, hidden };
}

/** The engine that is asked for; where code may not be generated the loops are interpreted, which is slower and is said once. */
function allowed(engine: Engine = javaScriptEngine): Engine {
  if (engine !== javaScriptEngine || canEvaluate()) return engine;
  sayOnce(
    "nabla: code generation from strings is forbidden here, so compiled functions are interpreted: right, but slower. " +
      "Compile the model to a file to have full speed.",
  );
  return closureEngine;
}

export type { Array1D, Vectors };
