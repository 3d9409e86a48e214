import { describe, expect, it } from "vitest";
import { TextCache } from "../../src/cli/eval/cache.ts";
import { linesOf } from "../../src/cli/eval/lines.ts";
import { norm } from "../../src/cli/eval/show.ts";
import { JsonTensor, jsonText, numberOf, numberText } from "../../src/cli/files/json.ts";
import { columns } from "../../src/cli/terminal/style.ts";

async function lines(chunks: readonly (string | Uint8Array)[], longest?: number) {
  async function* bytes() {
    for (const chunk of chunks) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
  }
  const found = [];
  for await (const line of linesOf(bytes(), longest)) found.push(line);
  return found;
}

describe("linesOf", () => {
  it("cuts at newlines only, wherever chunks end", async () => {
    const text = "one\r\n\nzwölf\u2028 drei\nlast";
    const whole = [{ text: "one" }, { text: "" }, { text: "zwölf\u2028 drei" }, { text: "last" }];
    expect(await lines([text])).toEqual(whole);
    expect(await lines([...Buffer.from(text)].map((byte) => Uint8Array.of(byte)))).toEqual(whole);
    expect(await lines([`${text}\n`])).toEqual(whole);
    expect(await lines([])).toEqual([]);
  });

  it("reports lines that are too long or no text, and goes on", async () => {
    const long = { fault: "the line is longer than 4 bytes." };
    expect(await lines(["12345\n1234\n12", "345", "678\n", Uint8Array.of(0xff, 10), "ok"], 4)).toEqual([
      long,
      { text: "1234" },
      long,
      { fault: "the line is not UTF-8 text." },
      { text: "ok" },
    ]);
  });
});

describe("TextCache", () => {
  it("makes each value once, and forgets the one unused for longest", () => {
    const cache = new TextCache<string>(60_000);
    const made: string[] = [];
    const get = (text: string) =>
      cache.get(text, (each) => {
        made.push(each);
        return each.toUpperCase();
      });
    for (const text of ["a", "b", "a", "c", "a", "b"]) expect(get(text)).toBe(text.toUpperCase());
    // three short texts do not fit: b went when c came, for a had been used since
    expect(made).toEqual(["a", "b", "c", "b"]);
    const large = "x".repeat(100_000);
    expect([get(large), get(large)]).toEqual([large.toUpperCase(), large.toUpperCase()]);
    expect(made.filter((text) => text === large)).toHaveLength(1);
  });
});

describe("jsonText", () => {
  it("writes every number so that numberOf or JSON reads it back", () => {
    for (const value of [
      0,
      -0,
      1.5,
      -1e-300,
      1e21,
      2 ** 53,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ]) {
      const read = JSON.parse(numberText(value)) as unknown;
      expect(typeof read === "string" ? numberOf(read) : read).toBe(value);
    }
  });

  it("nests tensors by their shape", () => {
    expect(jsonText(new JsonTensor([1, 2, 3, 4, 5, 6], [3, 2]))).toBe("[[1,2],[3,4],[5,6]]");
    expect(jsonText(new JsonTensor([7], []))).toBe("7");
    expect(jsonText(new JsonTensor([], [2, 0]))).toBe("[[],[]]");
    expect(jsonText({ a: undefined, b: [undefined, "\ud800"] })).toBe('{"b":[null,"\\ud800"]}');
  });
});

describe("norm", () => {
  it("neither overflows, nor vanishes, nor runs out of stack", () => {
    expect(norm([3e200, 4e200])).toBeCloseTo(5e200, -190);
    expect(norm([3e-200, 4e-200]) / 5e-200).toBeCloseTo(1, 12);
    expect(norm(new Float64Array(1_000_000).fill(1))).toBeCloseTo(1000, 9);
    expect([norm([]), norm([0, -0]), norm([1, Number.NaN])]).toEqual([0, 0, Number.NaN]);
  });
});

describe("columns", () => {
  it("aligns cells, colours aside", () => {
    expect(
      columns([
        ["a", "b"],
        ["\u001b[1mlong\u001b[22m", "c"],
      ]),
    ).toEqual(["a     b", "\u001b[1mlong\u001b[22m  c"]);
  });
});
