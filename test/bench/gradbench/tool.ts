/** One function of an eval, given its input: the model is compiled and its data bound before `run` is timed. */
export interface Prepared {
  /** One evaluation, from the bound input to the result in memory. */
  readonly run: () => void;
  /** What the last run computed, as the protocol writes it. */
  readonly output: () => unknown;
}

/** The functions of an eval by name; inputs come from outside and are read by each function. */
export type Eval<Input> = Readonly<Record<string, (input: Input) => Prepared>>;

/** What an eval asks of repetition; the first eval, "hello", asks nothing. */
interface Runs {
  readonly min_runs?: number;
  readonly min_seconds?: number;
}

interface Message {
  readonly id?: unknown;
  readonly kind: string;
  readonly module?: string;
  readonly function?: string;
  readonly input?: unknown;
}

interface Timing {
  readonly name: string;
  readonly nanoseconds: number;
}

/**
 * Answers the messages of the GradBench protocol, one JSON text a line.
 * Source: https://github.com/gradbench/gradbench, CONTRIBUTING.md.
 */
export class Tool {
  private readonly evals: Readonly<Record<string, Eval<never>>>;

  constructor(evals: Readonly<Record<string, Eval<never>>>) {
    this.evals = evals;
  }

  answer(line: string): string {
    let message: Message;
    try {
      message = JSON.parse(line) as Message;
    } catch (error) {
      return JSON.stringify({ id: null, success: false, error: `no JSON: ${textOf(error)}` });
    }
    if (typeof message !== "object" || message === null || Array.isArray(message)) {
      return JSON.stringify({ id: null, success: false, error: `a message is an object, got ${line.trim()}.` });
    }
    const { id = null } = message;
    return JSON.stringify({ id, ...this.answerTo(message) });
  }

  private answerTo(message: Message): object {
    switch (message.kind) {
      case "start":
        return { tool: "nabla" };
      case "define":
        return { success: Object.hasOwn(this.evals, message.module ?? "") };
      case "evaluate":
        try {
          return this.evaluate(message);
        } catch (error) {
          return { success: false, error: textOf(error) };
        }
      default:
        return {};
    }
  }

  private evaluate({ module = "", function: name = "", input }: Message): object {
    const functions = Object.hasOwn(this.evals, module) ? this.evals[module]! : undefined;
    if (!functions) throw new Error(`there is no eval "${module}"; there are ${Object.keys(this.evals).join(", ")}.`);
    if (!Object.hasOwn(functions, name)) {
      throw new Error(`"${module}" has no function "${name}"; it has ${Object.keys(functions).join(", ")}.`);
    }
    requireNumbers(input, "input");
    const started = process.hrtime.bigint();
    const { run, output } = functions[name]!(input as never);
    const timings: Timing[] = [{ name: "prepare", nanoseconds: Number(process.hrtime.bigint() - started) }];
    timings.push(...timed(run, typeof input === "object" && input !== null ? input : {}));
    return { success: true, output: output(), timings };
  }
}

/** Inputs are numbers, in lists and records: what else a typed array would take for a number is refused by its place. */
function requireNumbers(value: unknown, place: string): void {
  if (typeof value === "number") return;
  if (typeof value !== "object" || value === null) {
    throw new Error(`the ${place} needs numbers, got ${JSON.stringify(value) ?? "nothing"}.`);
  }
  for (const [name, inner] of Object.entries(value)) requireNumbers(inner, `${place}.${name}`);
}

/** Runs at least so often, and until so many seconds are spent in runs; once in any case. */
function timed(run: () => void, { min_runs = 1, min_seconds = 0 }: Runs): Timing[] {
  const timings: Timing[] = [];
  let spent = 0;
  while (timings.length < Math.max(1, min_runs) || spent < min_seconds * 1e9) {
    const before = process.hrtime.bigint();
    run();
    const nanoseconds = Number(process.hrtime.bigint() - before);
    timings.push({ name: "evaluate", nanoseconds });
    spent += nanoseconds;
  }
  return timings;
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
