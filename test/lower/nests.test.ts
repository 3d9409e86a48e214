import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { programs } from "../../src/check/arbitraries.ts";
import { allocate, compileJavaScript } from "../../src/emit/javascript.ts";
import { boundBuffers, type Signature } from "../../src/emit/signature.ts";
import type { WasmCode } from "../../src/emit/wasm/engine.ts";
import { forVectors } from "../../src/emit/wasm/vector-loop.ts";
import { loops } from "../../src/extensions/loops.ts";
import { evaluateShape } from "../../src/interpreter/interpret.ts";
import { iterators } from "../../src/ir/contraction.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { lower } from "../../src/lower/lower.ts";
import { shareNests } from "../../src/lower/nests/share-nests.ts";
import { inParts } from "../../src/lower/passes/split.ts";
import type { Buffer, Program, Statement } from "../../src/lower/program/loops.ts";
import { isNest } from "../../src/lower/program/rewrite-statements.ts";
import { plus } from "../../src/lower/program/values.ts";
import { loadModel } from "../../src/model/load.ts";
import { contract, sum } from "../../src/ops/arrays/contractions.ts";
import { add, mul, square } from "../../src/ops/elementary/algebra.ts";
import { exp } from "../../src/ops/elementary/exponential.ts";
import { sin } from "../../src/ops/elementary/trigonometric.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { compileWasm } from "../emit/wasm/compile-wasm.ts";
import { seed } from "../properties/subject.ts";
import { atSizes, rootsOf } from "./at-sizes.ts";

// A program beside itself has every nest twice: all that can be shared is.

const targets = (roots: readonly Expr[]) => roots.map((node, k) => ({ name: `root${k}`, node }));
function lowered(roots: readonly Expr[]): Program {
  roots[0]!.graph.extend(loops);
  return lower(targets(roots), { inOnePiece: true });
}
const beside = (program: Program) => inParts(shareNests([program, program])[0]!);

type Values = ReadonlyMap<Expr, readonly number[]>;

/** The results of a program as generated JavaScript, on leaves that hold these numbers. */
function run(program: Program, sizes: ReadonlyMap<string, number>, values: Values) {
  let source = "";
  const results = resultsOf(program, sizes, values, (whole, signature) => {
    const code = compileJavaScript(whole, signature);
    source = code.source;
    return code;
  });
  return { results, source };
}

/** The results of a program as an engine gives them. */
function resultsOf(
  program: Program,
  sizes: ReadonlyMap<string, number>,
  values: Values,
  compile: (program: Program, signature: Signature) => Pick<WasmCode, "bind">,
): number[][] {
  const outputs = program.buffers.filter(({ role }) => role === "output");
  const signature = { name: "roots", packed: [], separate: outputs };
  const held = new Map([...values].map(([leaf, numbers]) => [program.inputOf(leaf), numbers]));
  const arrayOf = (buffer: Program["buffers"][number]) => {
    const length = evaluateShape(buffer.shape, sizes).reduce((count, size) => count * size, 1);
    const array = allocate(buffer, length).fill(7);
    array.set(held.get(buffer) ?? buffer.values ?? []);
    return array;
  };
  const results = outputs.map(arrayOf);
  compile(program, signature).bind(
    program.sizes.map((name) => sizes.get(name)!),
    boundBuffers(program, signature).map(arrayOf),
  )(...results);
  return results.map((array) => Array.from(array));
}

function calls(statements: readonly Statement[]): Extract<Statement, { kind: "shared" }>[] {
  return statements.flatMap((statement) => {
    if (statement.kind === "shared") return [statement];
    return isNest(statement) ? calls(statement.body) : [];
  });
}

describe("programs that share their loops", () => {
  it("give the same bits", () => {
    let shared = 0;
    fc.assert(
      fc.property(programs(), fc.constantFrom(1, 2, 5, 9), fc.constantFrom(1, 3, 4, 7), (random, n, d) => {
        const program = atSizes(random, n, d);
        const { roots } = rootsOf(program);
        const plain = lowered(roots);
        const short = beside(plain);
        shared += calls(short.parts.flat()).length;
        const at = [program.sizes, program.values] as const;
        expect(run(short, ...at).results).toEqual(run(inParts(plain), ...at).results);
      }),
      { numRuns: 60, seed: Number(process.env.NABLA_SEED ?? seed) },
    );
    expect(shared).toBeGreaterThan(50);
  });
});

describe("programs for vectors that share their loops", () => {
  it("give the same bits", () => {
    let shared = 0;
    fc.assert(
      fc.property(programs(), fc.constantFrom(1, 2, 5, 9, 40), fc.constantFrom(1, 3, 4, 7, 18), (random, n, d) => {
        const program = atSizes(random, n, d);
        const { roots } = rootsOf(program);
        roots[0]!.graph.extend(loops);
        const plain = lower(targets(roots), { inOnePiece: true, forVectors });
        const short = shareNests([plain, plain], true)[0]!;
        shared += calls(short.parts.flat()).length;
        const of = (each: Program) => resultsOf(each, program.sizes, program.values, compileWasm);
        expect(of(short)).toEqual(of(plain));
      }),
      { numRuns: 60, seed: Number(process.env.NABLA_SEED ?? seed) },
    );
    expect(shared).toBeGreaterThan(50);
  });

  it.each([
    ["kalman", { n: 5, m: 3, steps: 4 }],
    ["mlp", { n: 7, d: 6, h: 9, k: 3 }],
  ])("begin in arrays where each call says: %s", (name, at) => {
    const text = readFileSync(new URL(`../../grammar/examples/${name}.nabla`, import.meta.url), "utf8");
    const { graph, parameters, data, loss } = loadModel({ name: `${name}.nabla`, text });
    const wrt = parameters.map(({ expr }) => expr);
    graph.extend(loops);
    const roots = simplify([loss!, ...gradient(loss!, wrt)], { last: true });
    const plain = lower(targets(roots), { inOnePiece: true, forVectors });
    const short = shareNests([plain], true)[0]!;
    const isPlaced = ({ nest }: ReturnType<typeof calls>[number]) =>
      nest.parameters.some(({ kind }) => kind === "place");
    expect(calls(short.parts.flat()).filter(isPlaced).length).toBeGreaterThan(1);
    const sizes = new Map(Object.entries(at));
    const numbers = ({ shape, dtype }: Expr, leaf: number) => {
      const count = evaluateShape(shape, sizes).reduce((product, size) => product * size, 1);
      return Array.from({ length: count }, (_, k) => (dtype === "int" ? k % 3 : Math.sin(9 * leaf + k) / 3));
    };
    const values = new Map([...wrt, ...data.map(({ expr }) => expr)].map((leaf, k) => [leaf, numbers(leaf, k)]));
    const results = resultsOf(short, sizes, values, compileWasm);
    expect(results.flat().every((value) => Number.isFinite(value))).toBe(true);
    expect(results).toEqual(resultsOf(plain, sizes, values, compileWasm));
  });

  const [from, to] = [Integer.zero, Integer.named("n")];
  const array = (id: number): Buffer => ({ id, role: "workspace", name: "work", dtype: "real", shape: [to.plus(9)] });
  const i = Integer.iterator(1);
  /** Each element plus 1 into another one, so often that it is long enough to be shared. */
  const steps = (target: (k: number) => [Buffer, Integer], source: (k: number) => [Buffer, Integer], marks = {}) => {
    const body = Array.from({ length: 12 }, (_, k): Statement => {
      const [[buffer, address], [read, at]] = [target(k), source(k)];
      const value = plus({ kind: "load", buffer: read, address: at }, { kind: "constant", value: 1, dtype: "real" });
      return { kind: "store", buffer, address, value };
    });
    return { kind: "for", variable: 1, from: [from], to: [to], step: 1, body, ...marks } as const;
  };
  const isShared = (...statements: Statement[]) => {
    const program = { ...lowered([new Graph().param("a", [])]), parts: [statements] };
    return calls(shareNests([program], true)[0]!.parts.flat()).length === statements.length;
  };
  const [a, b, c] = [array(0), array(1), array(2)] as const;
  const plain = steps(
    () => [b, i],
    () => [a, i.plus(1)],
  );

  it("are those with the same arrays in the same places alone", () => {
    const alike = steps(
      () => [c, i],
      () => [a, i.plus(1)],
    );
    const within = steps(
      () => [a, i],
      () => [a, i.plus(1)],
    );
    expect(isShared(plain, alike)).toBe(true);
    // here an iteration reads what the next one writes
    expect(isShared(plain, within)).toBe(false);
    expect(isShared(plain, { ...alike, isIndependent: true })).toBe(false);
  });

  it("write no array that they also reach from somewhere else", () => {
    const beyond = (x: Buffer) =>
      steps(
        () => [x, i],
        () => [x, i.plus(to.times(2))],
      );
    expect(isShared(beyond(a), beyond(b))).toBe(false);
  });

  it("have as many rounds where these are few", () => {
    const short = (rounds: number) => ({ ...plain, to: [Integer.constant(rounds)] });
    expect(isShared(short(4), { ...short(4) })).toBe(true);
    expect(isShared(short(4), short(5))).toBe(false);
    expect(isShared(short(40), short(50))).toBe(true);
  });

  it("keep loops that may be taken several rounds at a time", () => {
    const inside: Statement = { kind: "for", variable: 2, from: [from], to: [to], step: 1, body: [plain] };
    const making = { nodes: [], layouts: ["operation" as const] };
    expect(isShared({ ...inside }, plain)).toBe(false);
    const sequential = { ...inside, making };
    const program = { ...lowered([new Graph().param("a", [])]), parts: [[sequential, plain]] };
    expect(calls(shareNests([program], true)[0]!.parts.flat())).toHaveLength(2);
  });
});

describe("loops of a function in parts", () => {
  it("take numbers that another part has left for them", () => {
    const graph = new Graph();
    const a = graph.param("a", []);
    const number = exp(sin(a));
    const names = Array.from({ length: 4 }, (_, k) => `n${k}`);
    const leaves = names.map((name) => graph.param(`x_${name}`, [Integer.named(name)]));
    // each long enough to be shared
    const roots = leaves.map((x) => {
      const { shape } = x;
      const factors = [{ of: number, index: [] }];
      const each = contract({ extents: shape, output: [iterators(0)], shape, factors });
      let value = x;
      for (let step = 0; step < 6; step++) value = add(mul(each, sin(value)), square(sin(value)));
      return value;
    });
    // too long for one part with what stands before the last two
    let chain = number;
    for (let step = 0; step < 1500; step++) chain = add(sin(chain), mul(number, chain));
    const plain = lowered([...roots.slice(0, 2), chain, ...roots.slice(2)]);
    const short = beside(plain);
    const isLeft = ({ nest, arguments: values }: ReturnType<typeof calls>[number]) =>
      values.some(({ kind }, k) => kind === "load" && nest.parameters[k]!.kind === "number");
    expect(calls(short.parts.flat()).some(isLeft)).toBe(true);
    const sizes = new Map(names.map((name, k) => [name, 1 + (k % 7)]));
    const values = new Map([
      [a, [0.25]],
      ...leaves.map((x, k) => [x, Array.from({ length: 1 + (k % 7) }, (_, at) => (k % 60) / 40 + at)] as const),
    ]);
    expect(run(short, sizes, values).results).toEqual(run(inParts(plain), sizes, values).results);
  });
});

describe("products of matrices", () => {
  const [n, m, k] = ["n", "m", "k"].map(Integer.named) as [Integer, Integer, Integer];
  const [i, j, l] = [iterators(0), iterators(1), iterators(2)];

  /** Every product of factors that lie as they are or transposed, each with a result as it is or transposed. */
  function products(left: readonly Expr[], right: readonly Expr[]): Expr[] {
    return left.flatMap((x, isLeftTurned) =>
      right.flatMap((y, isRightTurned) =>
        [false, true].map((isTurned) =>
          contract({
            extents: isTurned ? [m, n, k] : [n, m, k],
            output: [i, j],
            shape: isTurned ? [m, n] : [n, m],
            factors: [
              { of: x, index: ((row) => (isLeftTurned ? [l, row] : [row, l]))(isTurned ? j : i) },
              { of: y, index: ((column) => (isRightTurned ? [column, l] : [l, column]))(isTurned ? i : j) },
            ],
          }),
        ),
      ),
    );
  }

  it.each([
    [2, 4, 3],
    [5, 7, 6],
    [1, 3, 1],
    [8, 9, 0],
  ])("are calls of one function for each layout, of %i rows and %i columns with %i terms", (rows, columns, terms) => {
    const graph = new Graph();
    const left = [graph.param("a", [n, k]), graph.param("b", [k, n])];
    const right = [graph.param("c", [k, m]), graph.param("d", [m, k])];
    const roots = products(left, right);
    const plain = lowered(roots);
    const [short] = shareNests([plain]);
    const found = calls(short!.parts.flat());
    expect(found).toHaveLength(roots.length);
    expect(new Set(found.map(({ nest }) => nest)).size).toBeLessThanOrEqual(4);
    expect(found.every(({ nest }) => nest.name === "product")).toBe(true);
    const sizes = new Map([
      ["n", rows],
      ["m", columns],
      ["k", terms],
    ]);
    const values = new Map(
      [...left, ...right].map((leaf) => {
        const count = evaluateShape(leaf.shape, sizes).reduce((all, size) => all * size, 1);
        return [
          leaf,
          Array.from({ length: count }, (_, at) => ((at * 11 + leaf.id) % 13) - 6 + (at + 1) / 97),
        ] as const;
      }),
    );
    const given = run(inParts(plain), sizes, values);
    const got = run(inParts(short!), sizes, values);
    expect(got.results).toEqual(given.results);
    expect(got.source.length).toBeLessThan(given.source.length / 1.5);
  });
});

describe("products of which more is made", () => {
  const [n, m, k] = ["n", "m", "k"].map(Integer.named) as [Integer, Integer, Integer];
  const [i, j, l] = [iterators(0), iterators(1), iterators(2)];
  const product = (x: Expr, y: Expr) =>
    contract({
      extents: [n, m, k],
      output: [i, j],
      shape: [n, m],
      factors: [
        { of: x, index: [i, l] },
        { of: y, index: [l, j] },
      ],
    });

  it.each([
    [2, 4, 3],
    [5, 7, 6],
    [1, 3, 1],
  ])(
    "are calls of the function of those alone, and loops: %i rows and %i columns with %i terms",
    (rows, columns, terms) => {
      const graph = new Graph();
      const [a, b] = [graph.param("a", [n, k]), graph.param("b", [n, k])];
      const [c, d] = [graph.param("c", [k, m]), graph.param("d", [n, m])];
      const plus = add(d, product(b, c));
      const times = mul(product(square(a), c), d);
      // read again, so that each is finished where it is made
      const again = [plus, times].flatMap((each) => [sum(exp(each)), sum(sin(each))]);
      const plain = lowered([product(a, c), ...again]);
      const [short] = shareNests([plain]);
      const found = calls(short!.parts.flat());
      expect(found.filter(({ nest }) => nest.name === "product").length).toBeGreaterThanOrEqual(2);
      expect(new Set(found.map(({ nest }) => nest)).size).toBe(1);
      const sizes = new Map([
        ["n", rows],
        ["m", columns],
        ["k", terms],
      ]);
      const values = new Map(
        [a, b, c, d].map((leaf) => {
          const count = evaluateShape(leaf.shape, sizes).reduce((all, size) => all * size, 1);
          return [
            leaf,
            Array.from({ length: count }, (_, at) => ((at * 11 + leaf.id) % 13) - 6 + (at + 1) / 97),
          ] as const;
        }),
      );
      expect(run(inParts(short!), sizes, values).results).toEqual(run(inParts(plain), sizes, values).results);
    },
  );
});

describe("loops that differ in more than what they are called with", () => {
  const n = Integer.named("n");

  it("stay apart", () => {
    const graph = new Graph();
    const x = graph.param("x", [n]);
    const alike = [square(sin(x)), square(square(x))];
    const [short] = shareNests([lowered(alike)]);
    expect(calls(short!.parts.flat())).toEqual([]);
  });
});
