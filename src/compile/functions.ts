import { compileClosures } from "../emit/closures/closures.ts";
import { type Array1D, type BindOptions, type BoundFunction, compileJavaScript } from "../emit/javascript.ts";
import { boundBuffers, type Packed, type Signature } from "../emit/signature.ts";
import type { Expr } from "../ir/graph.ts";
import { Integer } from "../ir/integer.ts";
import type { LowerOptions } from "../lower/lower.ts";
import type { Buffer, Program, Statement } from "../lower/program/loops.ts";
import { isNest } from "../lower/program/rewrite-statements.ts";
import { sizeHints } from "../rewrite/cost.ts";
import type { Level } from "../rewrite/rule.ts";
import {
  computing,
  type DerivationInput,
  type DerivedFunction,
  derive,
  type FunctionName,
  type LoweredFunction,
  lowerFunction,
  loweringAt,
  packedOffsets,
  rootsOf,
  type Variable,
} from "./derive.ts";
import { engineAt, sizesOfLoops } from "./known-sizes.ts";
import { preparable } from "./prepared/preparable.ts";

/** Turns a program into something callable: by generated code, or by interpretation where code may not be generated. */
export interface Engine {
  readonly name: string;
  /** The shape of loops that it asks for. Default: that for JavaScript. */
  readonly lowering?: LowerOptions;
  /** The function as this engine takes it. Default: as it is. */
  formOf?(form: FunctionForm): FunctionForm;
  compile(program: Program, signature: Signature): Code;
  /** False for a program that it has no room for: closures serve that. Default: it has room for all. */
  fits?(program: Program): boolean;
  /** The engine that serves a function of these sizes better, where another one does. What asks for the program has it kept. */
  choose?(program: () => Program, sizes: readonly number[], signature: Signature): Engine | undefined;
}

/** A derived function and the leaves that it is of. */
export interface FunctionForm {
  readonly derived: DerivedFunction;
  readonly variables: readonly Variable[];
  readonly checked?: DerivationInput["checked"];
}

/** What the functions of one binding have in common: an engine keeps here, by a name, what it makes once. */
export type Shared = Map<string, SharedPart>;

export interface SharedPart {
  /** Called when a bound array holds other values than before. */
  refilled(array: Array1D): void;
}

/** Generated code, to be bound to sizes and arrays. */
export interface Code {
  /** The generated text, for engines that generate one. */
  readonly source?: string;
  /** True when it has a workspace of its own: arrays that the program alone uses need not be bound. */
  readonly ownsWorkspace?: boolean;
  bind(sizes: readonly number[], bound: readonly Array1D[], options?: BindOptions<Shared>): BoundFunction;
}

/** Generates JavaScript for all sizes. */
export const openJavaScript: Engine = {
  name: "js",
  lowering: { sharesNests: true },
  compile: (program, signature) => compileJavaScript(program, signature),
  fits: fitsJavaScript,
};

/** Generates JavaScript: the default. Where calls are long, functions are made anew for small sizes that loops run up to. */
export const javaScriptEngine: Engine = {
  ...openJavaScript,
  choose: (program, sizes) => {
    const known = sizesOfLoops(program, sizes);
    return known.size === 0 ? undefined : engineAt(openJavaScript, known);
  },
};

/** Interprets the loops: for places that forbid code from strings. */
export const closureEngine: Engine = { name: "closures", compile: compileClosures };

/** A function ready to be bound: its loops, its signature and its code. */
export interface ModelFunction {
  readonly lowered: Omit<LoweredFunction, "program"> & {
    readonly program: Pick<Program, "sizes" | "buffers" | "inputOf">;
  };
  /** The whole program. Once there is code it is made anew, with buffers of its own. */
  whole(): Program;
  readonly signature: Signature;
  /** Which rewrites it was made with. */
  readonly level: Level;
  /** Buffers passed once when sizes and data are bound, in order. */
  readonly bound: readonly Buffer[];
  /** What a binding computes once for it; undefined where there is nothing of the kind. */
  readonly preparation?: Preparation | undefined;
  /** Made when it is first asked for. */
  readonly code: Code;
  /** The same function by the engine that serves these sizes best. */
  forSizes(sizes: readonly number[]): ModelFunction;
}

/** Parts of a function that follow from data alone: a binding keeps their values, which come to the function as inputs. */
export interface Preparation {
  readonly parts: LoweredFunction["prepared"];
  /** What computes some of the parts, in order, as outputs. */
  code(nodes: readonly Expr[]): ModelFunction;
  /** The function that computes everything itself: where there is no room for what it would keep. */
  whole(): ModelFunction;
}

/** How a function is made. */
interface Recipe {
  readonly key: string;
  readonly form: FunctionForm;
  readonly engine: Engine;
  /** How the same function is derived from another loss. */
  readonly derivation?: Derivation;
  /** False for one that computes everything itself. */
  readonly isPrepared: boolean;
}

type Derivation = (input: DerivationInput) => DerivedFunction;

/** The functions of one model, each built at its first use and then kept. */
export class FunctionTable {
  private readonly built = new Map<string, ModelFunction>();
  private readonly derived = new Map<string, DerivedFunction>();
  private readonly defined = new Map<string, Expr>();
  private readonly input: DerivationInput;
  private readonly engine: Engine;

  constructor(input: DerivationInput, engine: Engine) {
    this.input = input;
    this.engine = engine;
  }

  /** Gives the table one more output, under a name that no model can use: one with a space in it. */
  define(name: string, expr: Expr): void {
    this.defined.set(name, expr);
  }

  /** The loss, simplified as far as value and subgradients allow. */
  get loss(): Expr {
    return this.input.loss;
  }

  /** The loss as the model states it; undefined where it has outputs only. */
  get lossAsWritten(): Expr | undefined {
    return this.input.lossAsWritten;
  }

  /** Which rewrites the functions are made with. */
  get level(): DerivationInput["level"] {
    return this.input.level;
  }

  /** The expression of an output. */
  output(name: string): Expr {
    return (this.input.outputs.get(name) ?? this.defined.get(name))!;
  }

  get(name: FunctionName, outputs: readonly string[] = []): ModelFunction {
    const wanted = new Map(outputs.map((output) => [output, this.output(output)]));
    return this.made(JSON.stringify([name, outputs]), (input) => derive(name, input, wanted));
  }

  /** A function that is derived elsewhere; `key` tells it from all others. */
  made(key: string, derivation: Derivation, engine = this.engine): ModelFunction {
    const builtKey = `${engine.name} ${key}`;
    const known = this.built.get(builtKey);
    if (known) return known;
    const general = this.derived.get(key) ?? derivation(this.input);
    this.derived.set(key, general);
    const { variables, checked } = this.input;
    const form = { derived: general, variables, checked };
    const recipe = { key, form: engine.formOf?.(form) ?? form, engine, derivation, isPrepared: true };
    const built = this.build(recipe);
    this.built.set(builtKey, built);
    return built;
  }

  private build(recipe: Recipe): ModelFunction {
    const { key, form, engine, derivation, isPrepared } = recipe;
    const { derived, variables, checked } = form;
    const { hints, level } = this.input;
    const options = { ...engine.lowering, ...loweringAt(level), hints, checked };
    const prepared = isPrepared
      ? preparable(rootsOf(derived), new Set(variables.map(({ expr }) => expr)), hints ?? sizeHints([]))
      : [];
    const lower = () => lowerFunction(derived, variables, options, prepared);
    const lowered = lower();
    let program: Program | undefined = lowered.program;
    const { sizes, buffers, inputOf } = program;
    const whole = (): Program => {
      program ??= lower().program;
      return program;
    };
    let isKept = false;
    const kept = (): Program => {
      isKept = true;
      return whole();
    };
    const signature = signatureOf(lowered, variables);
    const codeOf = () => {
      const made = (engine.fits?.(whole()) === false ? closureEngine : engine).compile(whole(), signature);
      // statements take more room than all else, and are rarely asked for again
      if (!isKept) program = undefined;
      return made;
    };
    let code: Code | undefined;
    /** The same by other engines, by their names. */
    const others = new Map<string, ModelFunction>();
    const built: ModelFunction = {
      lowered: { ...lowered, program: { sizes, buffers, inputOf } },
      whole,
      signature,
      level,
      bound: boundBuffers(program, signature),
      preparation: this.preparation(lowered.prepared, recipe),
      get code() {
        code ??= codeOf();
        return code;
      },
      forSizes: (sizes) => {
        const chosen = engine.choose?.(kept, sizes, signature);
        if (!chosen) return built;
        if (isPrepared) return this.made(key, derivation!, chosen);
        const other = others.get(chosen.name);
        if (other) return other;
        const made = this.build({ ...recipe, form: chosen.formOf?.(form) ?? form, engine: chosen });
        others.set(chosen.name, made);
        return made;
      },
    };
    return built;
  }

  private preparation(parts: Preparation["parts"], recipe: Recipe): Preparation | undefined {
    if (parts.length === 0) return undefined;
    const { engine, form } = recipe;
    const made = new Map<string, ModelFunction>();
    const once = (key: string, make: () => ModelFunction) => {
      const known = made.get(key) ?? make();
      made.set(key, known);
      return known;
    };
    return {
      parts,
      code: (nodes) => {
        const derived = computing("prepared", nodes);
        const key = nodes.map(({ id }) => id).join(" ");
        return once(key, () => this.build({ key, form: { ...form, derived }, engine, isPrepared: false }));
      },
      whole: () => once("whole", () => this.build({ ...recipe, isPrepared: false })),
    };
  }
}

/** False for a program that JavaScript has no room for, in its stack or among its parameters: it is interpreted. */
export function fitsJavaScript({ parts, buffers }: Program): boolean {
  return buffers.length <= mostBuffers && parts.every((part) => longestIn(part) <= mostStatements);
}

/** Arrays of one function: each is a parameter of every part, and takes room in the stack at every call. */
const mostBuffers = 5000;

/** Statements in one printed function: each may need a variable, and 120,000 of them overflow the stack at a call. */
const mostStatements = 40_000;

/** The most statements of a function, where the parts of long bodies are functions too. */
function longestIn(statements: readonly Statement[]): number {
  let longest = 0;
  const own = (body: readonly Statement[]): number => {
    let count = body.length;
    for (const statement of body) {
      if (statement.kind === "part") longest = Math.max(longest, own(statement.body));
      else if (isNest(statement)) count += own(statement.body);
      if (statement.kind === "if") count += own(statement.otherwise);
    }
    return count;
  };
  return Math.max(own(statements), longest);
}

/** Vectors in this order, as far as the function has them: point x, direction v, further arrays, gradient g, product h. */
export function signatureOf(lowered: Omit<LoweredFunction, "program">, variables: readonly Variable[]): Signature {
  const { derived } = lowered;
  const layout = packedOffsets(variables);
  const packed: Packed[] = [packedVector("x", lowered.variables, layout)];
  if (derived.direction.length > 0) packed.push(packedVector("v", lowered.direction, layout));
  for (const [k, { name }] of (derived.arrays ?? []).entries())
    packed.push(packedVector(name, [lowered.arrays[k]], { offsets: [Integer.zero], lengths: [] }));
  if (derived.gradient.length > 0) packed.push(packedVector("g", lowered.gradient, layout));
  if (derived.hvp.length > 0) packed.push(packedVector("h", lowered.hvp, layout));
  return {
    name: derived.name,
    packed,
    separate: [...lowered.hessian, ...lowered.outputs],
    returned: lowered.loss,
  };
}

function packedVector(
  name: string,
  buffers: readonly (Buffer | undefined)[],
  { offsets, lengths }: Pick<ReturnType<typeof packedOffsets>, "offsets" | "lengths">,
): Packed {
  const before = (k: number) => (k > 0 ? { offset: offsets[k - 1]!, length: lengths[k - 1]! } : undefined);
  return {
    name,
    isSingle: buffers.length === 1,
    buffers: buffers.flatMap((buffer, k) => (buffer ? [{ buffer, offset: offsets[k]!, before: before(k) }] : [])),
  };
}
