import { LimitError, UsageError } from "../../ir/errors.ts";
import { jsonText, parseJson, requireNamesOnce } from "../files/json.ts";
import { loadModel } from "../model.ts";
import { failureOf } from "../terminal/failure.ts";
import type { Io } from "../terminal/io.ts";
import { TextCache } from "./cache.ts";
import { Evaluation } from "./evaluate.ts";
import { type Line, linesOf } from "./lines.ts";
import { type Request, readRequest } from "./request.ts";
import type { Limited } from "./time-limit.ts";

/** How many characters of model text are kept compiled. */
const keptText = 4_000_000;

/**
 * Answers JSON lines: one answer a line, in order, each written before the next line is read. A line that cannot be
 * answered gets an error for its answer.
 */
export async function answerLines(
  { input, output }: Io,
  defaults: Partial<Request>,
  limited: Limited = (run) => run(),
): Promise<void> {
  const evaluations = new TextCache<Evaluation | { readonly error: unknown }>(keptText);
  const evaluationOf = (text: string) => {
    const make = () => {
      try {
        return new Evaluation(loadModel({ name: "model", text }));
      } catch (error) {
        return { error };
      }
    };
    const found = evaluations.get(text, () => limited(make));
    if (found instanceof Evaluation) return found;
    throw found.error;
  };
  const answerLine = (line: Line): string => {
    let id = "null";
    let text: string | undefined;
    try {
      if ("fault" in line) throw new UsageError(line.fault);
      const value = parseJson(line.text, "the line");
      id = jsonText(idOf(value));
      requireNamesOnce(line.text, "the line");
      const request = readRequest(value, defaults);
      text = request.model;
      return withId(id, evaluationOf(text).answer(request, limited));
    } catch (error) {
      // what was interrupted may be half made
      if (error instanceof LimitError && text !== undefined) evaluations.forget(text);
      return withId(id, { error: failureOf(error) });
    }
  };
  for await (const line of linesOf(input)) await output.write(`${answerLine(line)}\n`);
}

/** The id goes back as it came, before everything else. */
function withId(id: string, answer: object): string {
  const members = jsonText(answer).slice(1);
  return `{"id":${id}${members === "}" ? "" : ","}${members}`;
}

function idOf(value: unknown): unknown {
  const hasId = typeof value === "object" && value !== null && Object.hasOwn(value, "id");
  return hasId ? (value as { readonly id: unknown }).id : null;
}
