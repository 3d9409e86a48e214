import { describe, expect, it } from "vitest";
import { compile, model, param } from "../../src/index.ts";
import { compileText, loadModel } from "../../src/language/all.ts";
import { repeatWhile } from "../../src/loops.ts";

describe("slips of callers without types", () => {
  it("a test that JavaScript has decided is none of a loop", () => {
    const build = () =>
      model({ b: param([]) }, ({ b }) => {
        const halve = ({ y }: { y: typeof b }) => ({ y: y.div(2) });
        return repeatWhile({ carry: { y: b }, test: ({ y }) => (y as unknown as { value: number }).value > 1 }, halve)
          .y;
      });
    expect(build).toThrow('"test" of repeatWhile needs a condition of the carries, such as y.greater(1), got false');
  });

  it("a number as text is no size", () => {
    expect(() => model({ w: param(["d"]) }, ({ w }) => w.pow("2" as unknown as number).sum())).toThrow(
      'got the text "2"',
    );
    expect(() =>
      compile(model({ w: param(["d"]) }, ({ w }) => w.sum())).loss({ w: [1] }, { d: "1" as unknown as number }),
    ).toThrow('the size "d" needs a whole number, got the text "1"');
  });

  it("a text without a name", () => {
    expect(() => loadModel({ text: "param x\nloss = x" } as never)).toThrow('"name" of a source needs');
  });

  it.each([
    ["log(b, 2)", "log takes 1 operand, got 2.", 'Write "log(x) / log(base)"'],
    ["round(b, 2)", "round takes 1 operand, got 2.", 'Write "round(100 * x) / 100"'],
    ["clamp(b, 0)", "clamp takes 3 operands, got 2.", 'Write "max(x, low)"'],
    ["sum(dot(X, w))", "dot is the sum of the products of matching elements.", 'Write "A @ B"'],
    ["X[np.arange(n), 0]", 'unknown name "np".', 'write "exp(x)", not "np.exp(x)"'],
    ["w[end]", 'unknown name "end".', 'Write "x[-1]" for the last element.'],
  ])("operands and names that %s has elsewhere are answered with what to write", (expression, what, wayOut) => {
    const text = `param w: [d], b\ndata X: [n, d]\nloss = ${expression}`;
    expect(() => compileText(text)).toThrow(what);
    expect(() => compileText(text)).toThrow(wayOut);
  });

  it("names of libraries and of millions of letters", () => {
    expect(() => compileText("param x\nloss = torch.exp(x)")).toThrow('write "exp(x)", not "torch.exp(x)"');
    const length = (text: string) => {
      try {
        compileText(text);
      } catch (error) {
        return (error as Error).message.length;
      }
      return 0;
    };
    const found = length(`param x\nloss = x + ${"abc_".repeat(1e6)}`);
    expect(found).toBeGreaterThan(1000);
    expect(found).toBeLessThan(5000);
  });

  it("many sizes and long names, of which nearly all pairs are alike", () => {
    const many = Array.from({ length: 8_000 }, (_, k) => `p${k}: [size${k}]`).join(", ");
    const started = process.cpuUsage();
    expect(loadModel({ name: "m", text: `param ${many}\nloss = sum(p0)` }).parameters.length).toBe(8_000);
    const long = "a".repeat(200_000);
    expect(() => compileText(`param ${long}b\nloss = ${long}c`)).toThrow("unknown name");
    // each took a minute
    expect(process.cpuUsage(started).user).toBeLessThan(15e6);
  });
});
