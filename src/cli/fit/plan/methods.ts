import { UsageError } from "../../../ir/errors.ts";
import { type AnyMethod, optimizers } from "../../../optimize/optimizers.ts";
import { optionFromText } from "../../../optimize/options.ts";
import { givenOnce } from "../../arguments.ts";
import { columns, type Style } from "../../terminal/style.ts";

/** What the choice of a method depends on. */
export interface Traits {
  /** How many squares the loss is a sum of; undefined for a loss that is none. */
  readonly residuals: number | undefined;
  readonly hasBounds: boolean;
  readonly isStochastic: boolean;
  readonly dimension: number;
}

export interface Choice {
  readonly name: string;
  /** A clause for people. */
  readonly why: string;
}

/** Hessians of more parameters than this take more memory and time than products with them. */
const mostDense = 200;

/** A Jacobian of more entries than this, and its factors, take more memory than they are worth. */
const mostJacobian = 20_000_000;

/** Factoring m residuals by n parameters takes 2 m n^2 operations a step; beyond this a step takes seconds. */
const mostWork = 1e9;

interface Rule {
  readonly holds: (traits: Traits) => boolean;
  readonly why: string;
  readonly name: string;
}

/** The usual method for a problem: the first rule that holds. */
const rules: readonly Rule[] = [
  { holds: ({ isStochastic }) => isStochastic, why: "gradients come from batches", name: "adam" },
  { holds: ({ hasBounds }) => hasBounds, why: "parameters have bounds", name: "lbfgs-b" },
  {
    holds: ({ residuals, dimension }) =>
      residuals !== undefined && residuals * dimension <= mostJacobian && residuals * dimension ** 2 <= mostWork,
    why: "the loss is a sum of squares",
    name: "levenberg-marquardt",
  },
  {
    holds: ({ dimension }) => dimension <= mostDense,
    why: "there are few parameters",
    name: "trust-exact",
  },
  { holds: () => true, why: "there are many parameters", name: "lbfgs" },
];

/** The method for a problem where the user names none. */
export function usualMethod(traits: Traits): Choice {
  // the last rule always holds
  return rules.find(({ holds }) => holds(traits))!;
}

/** True for methods that keep parameters within bounds. */
export function keepsBounds({ options }: AnyMethod): boolean {
  return Object.hasOwn(options, "lower") && Object.hasOwn(options, "upper");
}

/** Options of a method by name. */
export type MethodOptions = Readonly<Record<string, unknown>>;

/**
 * Options as `--option` gives them: `NAME=VALUE` for the method that runs, `METHOD.NAME=VALUE` for one of several.
 * Throws UsageError.
 */
export function methodOptions(
  texts: readonly string[],
  methods: readonly string[],
): ReadonlyMap<string, MethodOptions> {
  const options = new Map<string, Record<string, unknown>>();
  for (const text of texts) {
    const at = text.indexOf("=");
    if (at < 1) throw new UsageError(`--option needs NAME=VALUE, got "${text}".`);
    const left = text.slice(0, at).trim();
    const named = methods.find((method) => left.startsWith(`${method}.`));
    const other = named ? undefined : Object.keys(optimizers).find((method) => left.startsWith(`${method}.`));
    if (other !== undefined)
      throw new UsageError(`--option ${text}: ${other} does not run here, but ${methods.join(", ")}.`);
    if (!named && methods.length > 1) {
      throw new UsageError(`--option ${text}: of which method? Write METHOD.NAME=VALUE.`, {
        notes: [`As in: --option ${methods[0]}.${text}.`],
      });
    }
    const method = named ?? methods[0]!;
    const name = named ? left.slice(named.length + 1) : left;
    const known = Object.entries(options.get(method) ?? {});
    const value: unknown = optionFromText(text.slice(at + 1));
    options.set(method, Object.fromEntries(givenOnce("--option", [...known, [name, value]])));
  }
  return options;
}

/** Every method as a table for programs. */
export function methodTable() {
  return Object.values(optimizers).map(({ name, summary, options }) => ({
    name,
    summary,
    options: Object.entries(options).map(([option, { about, needs, default: usual }]) => ({
      name: option,
      about,
      needs,
      default: usual,
    })),
  }));
}

/** The same for people. */
export function methodsText(style: Style): string {
  const blocks = methodTable().map(({ name, summary, options }) => {
    const rows = options.map(({ name: option, about, needs, default: usual }) => {
      const standard = usual === undefined ? "" : `; ${usualText(usual)} where left out`;
      return [`  ${style.cyan(option)}`, `${about}: ${needs}${standard}`];
    });
    return [`${style.bold(name)}: ${summary}`, ...columns(rows)].join("\n");
  });
  return `${blocks.join("\n\n")}\n`;
}

/** A default as a person reads it: a constant rate as its number. */
function usualText(value: unknown): string {
  const isConstant =
    typeof value === "object" && value !== null && "rate" in value && (value as { kind?: unknown }).kind === "constant";
  return isConstant ? String(value.rate) : typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
}
