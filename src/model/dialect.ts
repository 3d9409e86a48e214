import type { Call } from "../build/functions/calls.ts";
import { core } from "../build/functions/core.ts";
import { type FurtherNames, type Part, Vocabulary } from "../build/functions/vocabulary.ts";
import type { Term } from "../build/terms/term.ts";
import { isRecord } from "../ir/arguments/arguments.ts";
import { UsageError } from "../ir/errors.ts";
import type { Extension } from "../ir/extension.ts";
import type { Expr } from "../ir/graph.ts";
import type { Span } from "../ir/source.ts";
import type { MeasuredDerivatives } from "../units/derivatives.ts";
import type { StatedUnits } from "../units/infer.ts";
import type { Unit } from "../units/unit.ts";
import type { Context } from "./elaborate/context.ts";
import type { Scope, Value } from "./elaborate/values.ts";
import type { Help } from "./help/help.ts";
import type { Binder, Definition, Statement, UnitProduct } from "./syntax/syntax.ts";

/** A binder that is no function of an array: its body is a step, or an equation. */
export interface Construct {
  readonly evaluate: (context: Context, node: Binder, scope: Scope) => Value;
  /** How it is written. */
  readonly form: string;
  /** Whether a function has the name too: without carries, that one is meant. */
  readonly isFunctionToo?: boolean;
}

/** The units that a text states. */
export interface Units {
  readonly stated: StatedUnits;
  /** True where some declaration states a unit; a model that states none is not checked. */
  readonly isUsed: boolean;
  /** Throws NameError for a unit that is defined by itself. */
  resolve(product: UnitProduct): Unit;
  stateLeaf(name: string, leaf: Expr, unit: Unit, span: Span): void;
  /** The value of a definition, under an identity that carries the stated unit. */
  measured(definition: Definition, value: Term): Term;
  /** Derivatives by the forms that compute them; undefined where there are no units. */
  readonly derivatives: (MeasuredDerivatives & { replaced(roots: readonly Expr[]): Expr[] }) | undefined;
  /** The expressions without those identities. */
  erased(roots: readonly Expr[]): Expr[];
  /** Throws UnitErrors, in the order of the text. */
  check(roots: readonly Expr[]): void;
}

/** Names that functions have elsewhere, and advice. */
export interface OtherNames {
  readonly further: (own: Vocabulary) => FurtherNames;
  /** Calls as they are written elsewhere. */
  readonly call: (vocabulary: Vocabulary, written: Call) => Term;
  /** Our names of constants. */
  readonly constants: Readonly<Record<string, string>>;
  /** What to write for names of numbers that the language has no such name for. */
  readonly numbers: Readonly<Record<string, string>>;
}

/** The value of a definition as the result of its call with what it was given. */
export type KeepCall = (name: string, given: readonly Value[], value: Value) => Value;

/** Something that a language may have beside its core. */
export interface Feature {
  readonly functions?: Part;
  readonly constructs?: Readonly<Record<string, Construct>>;
  /** What graphs need that may come to hold these things. */
  readonly extension?: Extension | readonly Extension[];
  /** Keeps what a long definition computes as a call, in place of writing it out at each use. */
  readonly calls?: KeepCall;
  readonly units?: (statements: readonly Statement[]) => Units;
  readonly otherNames?: OtherNames;
  readonly help?: Help;
}

const parts: { readonly [Part in keyof Required<Feature>]: true } = {
  functions: true,
  constructs: true,
  extension: true,
  calls: true,
  units: true,
  otherNames: true,
  help: true,
};

/** True of an object of parts of a feature alone, one or more. */
export function isFeature(value: unknown): boolean {
  const has = isRecord(value) ? Object.keys(value) : [];
  return has.length > 0 && has.every((part) => Object.hasOwn(parts, part));
}

const noFeatures: FurtherNames = {
  elsewhere:
    'Loops, matrices, windows and more are features: language(loops), with loops from "nabla/language/features"; "nabla/language/all" has them all.',
};

/** The core of the language with features. */
export class Dialect {
  readonly vocabulary: Vocabulary;
  readonly constructs: ReadonlyMap<string, Construct>;
  readonly extensions: readonly Extension[];
  readonly calls: KeepCall | undefined;
  readonly otherNames: OtherNames | undefined;
  readonly help: Help | undefined;
  private readonly features: readonly Feature[];

  constructor(features: readonly Feature[]) {
    const all = <K extends keyof Feature>(key: K) => features.flatMap(({ [key]: value }) => (value ? [value] : []));
    this.features = features;
    [this.otherNames] = all("otherNames");
    this.vocabulary = new Vocabulary([core, ...all("functions")], this.otherNames?.further ?? (() => noFeatures));
    this.constructs = new Map(all("constructs").flatMap((constructs) => Object.entries(constructs)));
    this.extensions = all("extension").flat();
    [this.calls] = all("calls");
    [this.help] = all("help");
  }

  /** The same with further features. */
  with(...further: readonly Feature[]): Dialect {
    return new Dialect([...this.features, ...further]);
  }

  /** Calls a function by a request as it was written. Throws as Vocabulary.call does. */
  call(written: Call): Term {
    return this.otherNames?.call(this.vocabulary, written) ?? this.vocabulary.call(written);
  }

  /** Our name of a constant. */
  constantNamed(name: string): string {
    return ownValue(this.otherNames?.constants, name) ?? name;
  }

  /** What to write for the name of a number. */
  adviceOnNumber(name: string): string | undefined {
    return ownValue(this.otherNames?.numbers, name);
  }

  /** The units that the statements of a text state. */
  unitsOf(statements: readonly Statement[]): Units {
    const [units] = this.features.flatMap(({ units }) => units ?? []);
    return units?.(statements) ?? withoutUnits;
  }
}

function ownValue(values: Readonly<Record<string, string>> | undefined, name: string): string | undefined {
  return values && Object.hasOwn(values, name) ? values[name] : undefined;
}

function refuseUnits(): never {
  throw new UsageError("this language has no units.", {
    notes: [
      'Units are a feature: language(units), with units from "nabla/language/features"; "nabla/language/all" has them.',
    ],
  });
}

const withoutUnits: Units = {
  stated: { leaves: new Map(), quantities: new Map() },
  isUsed: false,
  resolve: refuseUnits,
  stateLeaf: refuseUnits,
  derivatives: undefined,
  measured: ({ unit }, value) => (unit ? refuseUnits() : value),
  erased: (roots) => [...roots],
  check: () => undefined,
};
