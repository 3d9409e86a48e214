import { describe, expect, it } from "vitest";
import { InternTable } from "../../src/ir/intern.ts";
import { growthOf, seconds } from "../setup/growth.ts";

describe("the table of nodes", () => {
  it("takes time in proportion where each of the last operands has many users", () => {
    const users = 8;
    const fill = (count: number) => {
      const table = new InternTable();
      for (let last = 0; last < count / users; last++)
        for (let user = 0; user < users; user++) table.intern(5, 0, 0, user, [last]);
      return table;
    };
    const timeOf = (count: number) => seconds(() => fill(count));
    timeOf(20_000);
    const { slope, times } = growthOf([40_000, 640_000], timeOf, 1.3);
    expect(slope, JSON.stringify(times)).toBeLessThan(1.3);
  });

  it("finds every node again, however often it has grown", () => {
    const table = new InternTable();
    const rows = Array.from({ length: 50_000 }, (_, k) => [k % 7, [k % 97, Math.floor(k / 97) % 31]] as const);
    const ids = rows.map(([payload, operands]) => table.intern(5, 0, 0, payload, operands));
    expect(rows.map(([payload, operands]) => table.intern(5, 0, 0, payload, operands))).toEqual(ids);
    expect(table.length).toBe(new Set(rows.map((row) => JSON.stringify(row))).size);
  });
});
