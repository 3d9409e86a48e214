import { UsageError } from "../../ir/errors.ts";
import { failureOf } from "../failure.ts";
import type { Io } from "../io.ts";
import { jsonText } from "../json.ts";
import { loadModel } from "../model.ts";
import { TextCache } from "./cache.ts";
import { Evaluation } from "./evaluate.ts";
import { type Line, linesOf } from "./lines.ts";
import { type Request, readRequest } from "./request.ts";

/** How many characters of model text are kept compiled. */
const keptText = 4_000_000;

/**
 * Answers JSON lines: one answer a line, in order, each written before the next line is read. A line that cannot be
 * answered gets an error for its answer.
 */
export async function answerLines({ input, output }: Io, defaults: Partial<Request>): Promise<void> {
  const evaluations = new TextCache<Evaluation | { readonly error: unknown }>(keptText);
  const evaluationOf = (text: string) => {
    const found = evaluations.get(text, () => {
      try {
        return new Evaluation(loadModel({ name: "model", text }));
      } catch (error) {
        return { error };
      }
    });
    if (found instanceof Evaluation) return found;
    throw found.error;
  };
  for await (const line of linesOf(input)) await output.write(`${answerLine(line, defaults, evaluationOf)}\n`);
}

function answerLine(line: Line, defaults: Partial<Request>, evaluationOf: (text: string) => Evaluation): string {
  let id = "null";
  try {
    const value = parseLine(line);
    id = jsonText(idOf(value));
    const request = readRequest(value, defaults);
    return withId(id, evaluationOf(request.model).answer(request));
  } catch (error) {
    return withId(id, { error: failureOf(error) });
  }
}

/** The id goes back as it came, before everything else. */
function withId(id: string, answer: object): string {
  const members = jsonText(answer).slice(1);
  return `{"id":${id}${members === "}" ? "" : ","}${members}`;
}

function parseLine(line: Line): unknown {
  if ("fault" in line) throw new UsageError(line.fault);
  try {
    return JSON.parse(line.text) as unknown;
  } catch (error) {
    throw new UsageError(`the line is not JSON: ${(error as Error).message}.`);
  }
}

function idOf(value: unknown): unknown {
  const hasId = typeof value === "object" && value !== null && Object.hasOwn(value, "id");
  return hasId ? (value as { readonly id: unknown }).id : null;
}
