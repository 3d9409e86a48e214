import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { answerLines } from "../../src/cli/eval/batch.ts";
import { spelledPrograms } from "./spelled-programs.ts";
import type { TensorProgram as Program } from "./tensor-program.ts";

type Nested = number | readonly Nested[];

interface Answer {
  readonly id: string;
  readonly error?: { readonly message: string };
  readonly loss: number;
  readonly gradient: Readonly<Record<string, Nested>>;
  readonly hvp: Readonly<Record<string, Nested>>;
}

const folder = new URL("tensor/", import.meta.url);
const programs = new Map(
  readdirSync(folder)
    .flatMap((file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")).cases as Program[])
    .map((program) => [program.id, program]),
);

const nested = (data: readonly number[], [first, ...rest]: readonly number[]): Nested => {
  if (first === undefined) return data[0]!;
  const size = data.length / first;
  return Array.from({ length: first }, (_, k) => nested(data.slice(k * size, (k + 1) * size), rest));
};

const flat = (value: Nested): number[] => (typeof value === "number" ? [value] : value.flatMap(flat));

const deviation = (got: Nested, wanted: readonly number[]) => {
  const scale = Math.max(1, ...wanted.map(Math.abs));
  return Math.max(...flat(got).map((value, k) => Math.abs(value - wanted[k]!))) / scale;
};

async function answers(requests: readonly object[]): Promise<Answer[]> {
  const lines: string[] = [];
  async function* input() {
    yield Buffer.from(requests.map((request) => `${JSON.stringify(request)}\n`).join(""));
  }
  const output = { write: async (text: string) => void lines.push(text) };
  await answerLines({ input: input(), output } as never, {});
  return lines.map((line) => JSON.parse(line) as Answer);
}

describe("tensor programs as people write them", () => {
  it.each(Object.entries(spelledPrograms))("%s has the reference derivatives", async (id, spellings) => {
    const { inputs, loss, grad, v, hvp } = programs.get(id)!;
    const arrays = (from: Readonly<Record<string, readonly number[]>>) =>
      Object.fromEntries(Object.entries(from).map(([name, data]) => [name, nested(data, inputs[name]!.shape)]));
    const requests = spellings.map((spelling) => {
      const [model, data] = typeof spelling === "string" ? [spelling, {}] : spelling;
      const given = arrays(Object.fromEntries(Object.entries(inputs).map(([name, { data }]) => [name, data])));
      const want = ["loss", "gradient", "hvp"];
      return { model, inputs: { ...given, ...data }, wrt: Object.keys(grad), direction: arrays(v), want };
    });
    for (const [k, answer] of (await answers(requests)).entries()) {
      const model = requests[k]!.model;
      expect(answer.error?.message, model).toBeUndefined();
      expect(deviation(answer.loss, [loss]), model).toBeLessThan(1e-12);
      for (const name of Object.keys(grad)) {
        expect(deviation(answer.gradient[name]!, grad[name]!), `gradient in ${name}: ${model}`).toBeLessThan(1e-10);
        expect(deviation(answer.hvp[name]!, hvp[name]!), `product in ${name}: ${model}`).toBeLessThan(1e-10);
      }
    }
  });
});
