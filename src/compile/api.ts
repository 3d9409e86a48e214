import type { ElaboratedModel } from "../build/model.ts";
import type { LoopTime } from "../emit/report/profile.ts";
import { needs, requireArgument } from "../ir/arguments/arguments.ts";
import type { BoundModel } from "./bound/model.ts";
import { type CompiledModel, type CompileOptions, compileModel } from "./compile.ts";
import type { FunctionName } from "./derive.ts";
import type {
  ArgumentsOf,
  GradientOf,
  HessianOf,
  InputsOf,
  LossAndGradientOf,
  OutputsOf,
  PointOf,
} from "./inputs/by-name.ts";
import { type Inputs, record, requireNames, withInherited } from "./inputs/inputs.ts";
import type { Vectors } from "./inputs/packing.ts";
import type { TensorInput } from "./inputs/tensors.ts";

/** Values of the sizes that no array tells. */
export type Sizes = Readonly<Record<string, number>>;

/**
 * The functions of a compiled model. Each takes all inputs by name, and checks and copies them all: into what one of
 * the last calls made, where names and shapes are the same. `bind` checks and copies data once, for calls that are made often.
 * They need no `this` and can be taken apart.
 */
export interface CompiledFunctions<Name extends string, Output extends string, Wrt extends Name> {
  loss(inputs: ArgumentsOf<Name, Wrt>, sizes?: Sizes): number;
  gradient(inputs: ArgumentsOf<Name, Wrt>, out?: GradientOf<Wrt>, sizes?: Sizes): GradientOf<Wrt>;
  lossAndGradient(inputs: ArgumentsOf<Name, Wrt>, out?: LossAndGradientOf<Wrt>, sizes?: Sizes): LossAndGradientOf<Wrt>;
  /** Hessian times direction. */
  hvp(inputs: ArgumentsOf<Name, Wrt>, direction: PointOf<Wrt>, out?: GradientOf<Wrt>, sizes?: Sizes): GradientOf<Wrt>;
  /** Blocks by row and column parameter, each of the shape of the row followed by that of the column. */
  hessian(inputs: ArgumentsOf<Name, Wrt>, sizes?: Sizes): HessianOf<Wrt>;
  /** The named outputs (default: all), row-major; needs only the inputs that they read. */
  outputs<Wanted extends Output = Output>(
    inputs: InputsOf<Name>,
    names?: readonly Wanted[],
    sizes?: Sizes,
  ): OutputsOf<Wanted>;
  /** Checks and copies data once; the functions of what comes back take (params, out) and allocate nothing. */
  bind(data?: InputsOf<Exclude<Name, Wrt>>, sizes?: Sizes): BoundModel<Wrt, Output, Exclude<Name, Wrt>>;
  /** The generated source of a function, to be read. */
  source(name: FunctionName): string;
  /** What each loop has taken so far, when compiled with `profile: true`; those that took longest first. */
  profile(): readonly LoopTime[];
}

/**
 * Compiles a model to plain functions: synchronous, Float64Array in and out.
 *
 *     const { loss, lossAndGradient, hvp } = compile(m, { wrt: ["w"] });
 */
export function compile<
  Name extends string,
  Output extends string,
  Parameter extends Name = Name,
  Wrt extends Name = Parameter,
>(
  model: ElaboratedModel<Name, Output, Parameter>,
  options: CompileOptions<Wrt> = {},
): CompiledFunctions<Name, Output, Wrt> {
  const compiled = compileModel(model, options);
  let recent: readonly BoundModel[] = [];
  const declared = [...model.parameters, ...model.data].map(({ name }) => name);
  const isData = ([name]: readonly [string, TensorInput]) => !compiled.variableNames.has(name);
  const data = (inputs: InputsOf<string>) => record(Object.entries(present(inputs, declared)).filter(isData));
  const at = (given: InputsOf<Name>, givenSizes: Sizes = {}) => {
    requireArgument("sizes", needs.record, givenSizes);
    requireNames(given);
    const inputs = withInherited(given, declared);
    const sizes = withInherited(givenSizes, model.sizes?.free ?? []);
    // first: a getter among them may call this function
    const params = parametersOf(compiled, inputs);
    // where code for these sizes is there, and memory, only the data are others
    const isFree = (each: BoundModel) => !each.running.now && each.rebind(inputs as Inputs, sizes);
    const bound = recent.find(isFree) ?? compiled.bind(data(inputs), sizes);
    if (bound !== recent[0]) recent = [bound, ...recent.filter((each) => each !== bound)].slice(0, mostRecent);
    return { bound, params };
  };
  const functions: CompiledFunctions<string, string, string> = {
    loss(inputs, sizes) {
      const { bound, params } = at(inputs as InputsOf<Name>, sizes);
      return bound.loss(params);
    },
    gradient(inputs, out, sizes) {
      const { bound, params } = at(inputs as InputsOf<Name>, sizes);
      return bound.gradient(params, out as Vectors | undefined);
    },
    lossAndGradient(inputs, out, sizes) {
      const { bound, params } = at(inputs as InputsOf<Name>, sizes);
      return bound.lossAndGradient(params, out);
    },
    hvp(inputs, direction, out, sizes) {
      const { bound, params } = at(inputs as InputsOf<Name>, sizes);
      return bound.hvp(params, direction, out);
    },
    hessian(inputs, sizes) {
      const { bound, params } = at(inputs as InputsOf<Name>, sizes);
      return bound.hessian(params);
    },
    outputs<Wanted extends string>(inputs: InputsOf<string>, names?: readonly Wanted[], sizes?: Sizes) {
      const { bound, params } = at(inputs as InputsOf<Name>, sizes);
      return bound.outputs(params, names) as OutputsOf<Wanted>;
    },
    bind: (data, sizes) => compiled.bind(present(data ?? {}, declared), sizes),
    source: (name) => compiled.source(name),
    profile: () => compiled.profile(),
  };
  return functions as unknown as CompiledFunctions<Name, Output, Wrt>;
}

/** Shapes of data for which what a call has made is kept. */
const mostRecent = 4;

/** The parameters among the inputs. */
function parametersOf({ variableNames }: CompiledModel, inputs: InputsOf<string>): Inputs {
  const params: Record<string, TensorInput> = Object.create(null);
  for (const name of variableNames) {
    const value = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
    if (value !== undefined) params[name] = value;
  }
  return params;
}

function present(inputs: InputsOf<string>, declared: readonly string[]): Record<string, TensorInput> {
  requireNames(inputs);
  return record(
    Object.entries(withInherited(inputs, declared)).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  );
}
