import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language/all.ts";

describe("a direction", () => {
  const compiled = compileText("param A: [n, m], b\nloss = sum(sum(A, axis = 0)^3) * b");
  const A = [
    [1, 2],
    [3, 4],
    [5, 6],
  ];
  const refused: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
    [
      "of as many numbers in another shape",
      {
        A: [
          [1, 0, 0],
          [0, 0, 0],
        ],
        b: 0,
      },
      '"direction.A" needs 3 along axis 0 (n; n = 3 from the point), got 2',
    ],
    ["of other sizes", { A: [[1, 0]], b: 0 }, '"direction.A" needs 3 along axis 0 (n; n = 3 from the point), got 1'],
    ["without an array", { b: 0 }, '"direction.A" has no value'],
    ["of other names", { A, c: 0 }, 'no input "c"'],
  ];

  it.each(refused)("%s is refused, and leaves the sizes of the point as they are", (_, direction, message) => {
    const given = direction as Record<string, number[][]>;
    const products = () => [...compiled.hvp({ A, b: 2 }, { A, b: 0 }).A!];
    const before = products();
    expect(() => compiled.hvp({ A, b: 2 }, given as never)).toThrow(message);
    const bound = compiled.bind({});
    expect(() => bound.lossGradientHvp({ A, b: 2 }, given as never)).toThrow(message);
    expect(products()).toEqual(before);
  });
});
