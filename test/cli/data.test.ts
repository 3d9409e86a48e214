import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { wayOut } from "../../src/cli/data/choose-columns.ts";
import { numberIn } from "../../src/cli/data/column.ts";
import type { CsvOptions } from "../../src/cli/data/csv.ts";
import { readCsv } from "../../src/cli/data/csv.ts";
import { readNpy } from "../../src/cli/data/npy.ts";
import { type DataRequest, readData } from "../../src/cli/data/read.ts";
import type { Io } from "../../src/cli/terminal/io.ts";
import { loadModel } from "../../src/language/all.ts";
import { folderWith } from "./run.ts";

const cells = { missing: new Set<string>(), decimalComma: false };
const plain: CsvOptions = { ...cells, separator: undefined, header: undefined, asLabels: new Set() };

function ioIn(folder: string, input = ""): Io {
  const nowhere = { write: async () => {}, isTerminal: false, columns: 80 };
  return {
    input: (async function* () {
      // bytes in small pieces: characters are cut anywhere
      const bytes = Buffer.from(input);
      for (let start = 0; start < bytes.length; start += 5) yield bytes.subarray(start, start + 5);
    })(),
    output: nowhere,
    errors: nowhere,
    environment: {},
    folder,
    interrupted: () => new Promise(() => {}),
  };
}

/** All columns of a text: numbers, or labels by name. */
async function columnsOf(text: string, options: Partial<CsvOptions> = {}) {
  const table = await readCsv("-", ioIn(".", text), { ...plain, ...options }, (names) => [...names.keys()]);
  return Object.fromEntries(
    [...table.columns.values()].map(({ name, values, labels }) => [
      name,
      Array.from(values, (value) => (labels && !Number.isNaN(value) ? labels[value]! : value)),
    ]),
  );
}

const wanted = { a: [1, 2.5], b: [-3, 4e-3] };

describe("readCsv", () => {
  it.each([
    ["commas", "a,b\n1,-3\n2.5,4e-3\n"],
    ["CRLF and no end of line", "a,b\r\n1,-3\r\n2.5,4e-3"],
    ["a byte order mark", "\ufeffa,b\n1,-3\n2.5,4e-3\n"],
    ["semicolons", "a;b\n1;-3\n2.5;4e-3\n"],
    ["tabs", "a\tb\n1\t-3\n2.5\t4e-3\n"],
    ["quotes and space", '"a" ,b\n"1", -3\n 2.5 ,"4e-3"\n'],
    ["empty lines", "\na,b\n\n1,-3\n\n2.5,4e-3\n\n"],
    ["a separator too many in the header", "a,b,\n1,-3\n2.5,4e-3\n"],
    ["spaces", "a b\n1 -3\n2.5 4e-3\n"],
    ["columns that spaces align", "   a     b\n 1     -3  \n 2.5  4e-3\n\n"],
  ])("takes %s", async (_, text) => {
    expect(await columnsOf(text)).toEqual(wanted);
  });

  it("takes decimal commas when told", async () => {
    expect(await columnsOf("a;b\n1;-3\n2,5;4e-3\n", { decimalComma: true })).toEqual(wanted);
    await expect(columnsOf("a;b\n1;-3\n2,5;4\n")).rejects.toThrow(
      /stdin:3: column "a" holds numbers, and here "2,5"[\s\S]*--decimal-comma/,
    );
  });

  it("takes spaces for separators where all rows have numbers between them", async () => {
    expect(await columnsOf("1 -3\n2.5 4e-3")).toEqual({ 0: [1, 2.5], 1: [-3, 4e-3] });
    expect(await columnsOf("a b\n1 -3\nnone\n")).toEqual({ "a b": ["1 -3", "none"] });
    expect(await columnsOf("full name\nAda Lovelace\nEmmy Noether\n")).toEqual({
      "full name": ["Ada Lovelace", "Emmy Noether"],
    });
    expect(await columnsOf("first name,x\nAda Lovelace,1\n")).toEqual({ "first name": ["Ada Lovelace"], x: [1] });
    expect(await columnsOf("a  b\n1   x\n", { separator: " " })).toEqual({ a: [1], b: ["x"] });
  });

  it("tells a header from data, or is told", async () => {
    expect(await columnsOf("1,-3\n2.5,4e-3\n")).toEqual({ 0: [1, 2.5], 1: [-3, 4e-3] });
    expect(await columnsOf("5.1,setosa\n6,virginica\n")).toEqual({ 0: [5.1, 6], 1: ["setosa", "virginica"] });
    expect(await columnsOf("1990,1991\n1,2\n", { header: "yes" })).toEqual({ 1990: [1], 1991: [2] });
    expect(await columnsOf("x,y\nz,w\n", { header: "no" })).toEqual({ 0: ["x", "z"], 1: ["y", "w"] });
  });

  it("keeps newlines and separators in quotes, and counts lines over them", async () => {
    const text = 'name,x\n"one\ntwo, ""three""",1\nfour,2\n"five\n",oops\n';
    await expect(columnsOf(text)).rejects.toThrow('stdin:5: column "x" holds numbers, and here "oops".');
    expect(await columnsOf(text.replace("oops", "3"))).toEqual({
      name: ['one\ntwo, "three"', "four", "five"],
      x: [1, 2, 3],
    });
  });

  it("knows missing cells, and more words for them when told", async () => {
    expect(await columnsOf("a,b\n1,\nNA,x\n?,null\n")).toEqual({
      a: [1, Number.NaN, Number.NaN],
      b: [Number.NaN, "x", Number.NaN],
    });
    expect(await columnsOf("a\n1\n-999\n", { missing: new Set(["unknown"]) })).toEqual({ a: [1, -999] });
    expect(await columnsOf("a\n1\nunknown\n", { missing: new Set(["unknown"]) })).toEqual({ a: [1, Number.NaN] });
  });

  it.each([
    ["ragged rows", "a,b\n1,2\n3\n", "stdin:3: this row has 1 cell, the header has 2."],
    ["rows too long", "a,b\n1,2\n3,4,5\n", "stdin:3: this row has 3 cells, the header has 2."],
    ["an open quote", 'a,b\n1,"2\n3,4\n', "a quote is not closed"],
    ["an empty file", "", "stdin is empty: it has no rows."],
    ["empty lines alone", "\n\n", "stdin is empty"],
    ["a header alone", "a,b\n", "stdin has a header and no rows of data."],
  ])("refuses %s", async (_, text, message) => {
    await expect(columnsOf(text)).rejects.toThrow(message);
  });

  it("refuses bytes that are not UTF-8, and files that are not there", async () => {
    const folder = folderWith({});
    writeFileSync(join(folder, "latin1.csv"), Uint8Array.of(97, 10, 0xe9, 10));
    const read = (file: string) => readCsv(file, ioIn(folder), plain, () => [0]);
    await expect(read("latin1.csv")).rejects.toThrow("cannot read latin1.csv: it is not UTF-8 text.");
    await expect(read("gone.csv")).rejects.toThrow("cannot read gone.csv: no such file.");
    await expect(read(".")).rejects.toThrow("cannot read .: it is a folder.");
  });
});

describe("numberIn", () => {
  it("takes what is written as a decimal number, and nothing else", () => {
    for (const [text, value] of [
      ["1", 1],
      ["-0.5", -0.5],
      ["+.5e-3 ", 5e-4],
      ["007", 7],
      ["-Inf", Number.NEGATIVE_INFINITY],
    ] as const)
      expect(numberIn(text)).toBe(value);
    for (const text of ["", " ", "x", "0x10", "0b1", "1_000", "1,000", "--1", "1 2", "e5", "NaN", "."])
      expect(numberIn(text)).toBeNaN();
  });
});

describe("readNpy", () => {
  /** A version 1 file as NumPy writes it. */
  function npy(descr: string, isFortran: boolean, shape: string, data: Uint8Array): Uint8Array {
    const text = `{'descr': '${descr}', 'fortran_order': ${isFortran ? "True" : "False"}, 'shape': ${shape}, }`;
    const header = `${text.padEnd(117)}\n`;
    return Buffer.concat([
      Uint8Array.of(0x93),
      Buffer.from("NUMPY"),
      Uint8Array.of(1, 0, header.length, 0),
      Buffer.from(header),
      data,
    ]);
  }
  const bytes = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

  it("reads reals and whole numbers in both orders", () => {
    const values = [1, 2, 3, 4, 5, 6];
    const wanted = { data: Float64Array.from(values), shape: [2, 3] };
    expect(readNpy("f", npy("<f8", false, "(2, 3)", bytes(Float64Array.from(values))))).toEqual(wanted);
    expect(readNpy("f", npy("<f8", true, "(2, 3)", bytes(Float64Array.of(1, 4, 2, 5, 3, 6))))).toEqual(wanted);
    expect(readNpy("f", npy("<i8", false, "(2, 3)", bytes(BigInt64Array.from(values.map(BigInt)))))).toEqual(wanted);
    expect(readNpy("f", npy(">i2", false, "(2, 3)", Uint8Array.of(0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6)))).toEqual(
      wanted,
    );
    expect(readNpy("f", npy("|b1", false, "(2,)", Uint8Array.of(1, 0)))).toEqual({
      data: Float64Array.of(1, 0),
      shape: [2],
    });
    expect(readNpy("f", npy("<f4", false, "()", bytes(Float32Array.of(0.5))))).toEqual({
      data: Float64Array.of(0.5),
      shape: [],
    });
  });

  it.each([
    ["nothing", new Uint8Array(0), "it is empty"],
    ["text", Buffer.from("1,2,3\n4,5,6\n"), "does not begin as one"],
    ["complex numbers", npy("<c16", false, "(1,)", new Uint8Array(16)), "elements of type c16"],
    ["objects", npy("|O", false, "(1,)", new Uint8Array(8)), "not plain numbers"],
    ["a file cut short", npy("<f8", false, "(3,)", new Uint8Array(16)), "needs 3 elements and is cut short"],
    [
      "whole numbers beyond float64",
      npy("<i8", false, "(1,)", bytes(BigInt64Array.of(2n ** 53n + 1n))),
      "no exact form",
    ],
  ])("refuses %s", (_, file, message) => {
    expect(() => readNpy("f.npy", file)).toThrow(message);
  });
});

describe("readData", () => {
  const model = loadModel({
    name: "m",
    text: "data X: [n, d], y: [n], label: int[n] = 0, on: bool[n] = true\nparam w: [d]\nloss = sum((X @ w - y)^2) + sum(label)",
  });
  const usual: Omit<DataRequest, "sources"> = {
    labels: [],
    standardise: [],
    dropMissing: false,
    cells,
    separator: undefined,
    header: undefined,
    needed: new Set(["X", "y"]),
    given: new Set(),
  };

  async function read(
    files: Readonly<Record<string, string>>,
    sources: readonly string[],
    others: Partial<DataRequest> = {},
  ) {
    const { filled, warnings } = await readData(model, { ...usual, sources, ...others }, ioIn(folderWith(files)));
    const of = Object.fromEntries(filled.map(({ name, data, shape }) => [name, { data: [...data], shape }]));
    const encodings = Object.fromEntries(filled.map(({ name, encoding }) => [name, encoding]));
    return { of, encodings, warnings };
  }

  const X = { data: [1, 2, 3, 4], shape: [2, 2] };
  const y = { data: [5, 6], shape: [2] };

  it.each<[string, string, readonly string[]]>([
    ["names, the rest being the matrix", "p,q,y\n1,2,5\n3,4,6\n", ["f.csv"]],
    ["numbered columns, whatever else there is", "id,X1,y,X0\na,2,5,1\nb,4,6,3\n", ["f.csv"]],
    ["indexed columns", "X[0],X[1],z,Y\n1,2,0,5\n3,4,0,6\n", ["f.csv"]],
    ["positions", "id,y,a,b\nr,5,1,2\ns,6,3,4\n", ["X=f.csv:2..3", "y=f.csv:1"]],
    ["names with both ends", "b0,a,b,t\nr,1,2,5\ns,3,4,6\n", ["X=f.csv:a..b", "y=f.csv:t"]],
    ["lists", "b,y,a\n2,5,1\n4,6,3\n", ["X=f.csv:a,b", "y=f.csv:y"]],
    ["one name, the rest by itself", "a,b,t\n1,2,5\n3,4,6\n", ["y=f.csv:t", "f.csv"]],
    ["no header", "1,2,5\n3,4,6\n", ["X=f.csv:0..1", "y=f.csv:2"]],
  ])("finds columns by %s", async (_, text, sources) => {
    const { of } = await read({ "f.csv": text }, sources);
    expect(of).toMatchObject({ X, y });
  });

  it("reads JSON by name, by member and as records", async () => {
    const values = '{"X": [[1, 2], [3, 4]], "y": [5, 6]}';
    expect((await read({ "f.json": values }, ["f.json"])).of).toMatchObject({ X, y });
    expect((await read({ "f.json": values }, ["X=f.json:X", "y=f.json:y"])).of).toMatchObject({ X, y });
    const records = '[{"p": 1, "q": 2, "y": 5}, {"q": 4, "p": 3, "y": 6}]';
    expect((await read({ "f.json": records }, ["f.json"])).of).toMatchObject({ X, y });
  });

  it("reads JSON lines as rows", async () => {
    const lines = '{"p": 1, "q": 2, "y": 5}\r\n\n{"q": 4, "p": 3, "y": 6}\n';
    for (const file of ["f.jsonl", "f.ndjson"]) {
      expect((await read({ [file]: lines }, [file])).of).toMatchObject({ X, y });
      expect((await read({ [file]: lines }, [`X=${file}:p..q`, `y=${file}:y`])).of).toMatchObject({ X, y });
    }
    const bad: readonly (readonly [string, string])[] = [
      ["{}\n[1]\n", "f.jsonl:2 needs an object of cells by name"],
      ['{"a": 1}\n{"a": \n', "f.jsonl:2 is not JSON"],
      ['{"a": 1, "a": 2}\n', 'f.jsonl:1 has an object with "a" twice.'],
      ["\n", "f.jsonl has no rows."],
    ];
    for (const [text, message] of bad) await expect(read({ "f.jsonl": text }, ["f.jsonl"])).rejects.toThrow(message);
    await expect(read({ "f.json": lines }, ["f.json"])).rejects.toMatchObject({
      notes: ["Rows as objects, one a line, are read from files that are called .jsonl or .ndjson."],
    });
  });

  it("takes a column of another name for a vector only where the file has no other, or the user says that it is there", async () => {
    const table = { "f.csv": "X0,X1,id\n1,2,5\n3,4,6\n", "g.csv": "seen\n5\n6\n" };
    const refused = read(table, ["f.csv"]);
    await expect(refused).rejects.toThrow('the columns of f.csv do not say what is "y".');
    await expect(refused).rejects.toMatchObject({
      notes: [expect.anything(), "Say which are meant, by name or position, as in: --data y=f.csv:id."],
    });
    await expect(read({ "f.csv": "X0,X1,y,y\n1,2,5,6\n" }, ["f.csv"])).rejects.toMatchObject({
      notes: [expect.anything(), expect.stringContaining("--data y=f.csv:3")],
    });
    const vectors = ["x", "y"].map((name) => ({ name, rank: 1, isNeeded: true }));
    expect(wayOut(vectors, { file: "f.csv", names: ["id", "time", "answer"], hasHeader: true }).at(-1)).toContain(
      "as in: --data x=f.csv:time --data y=f.csv:answer.",
    );
    expect((await read(table, ["X=f.csv:0..1", "y=f.csv"])).of).toMatchObject({ X, y });
    expect((await read(table, ["X=f.csv:0..1", "g.csv"])).of).toMatchObject({ X, y });
  });

  it("gives labels numbers, in their order or as told, and says which", async () => {
    const text = "a,y,label\n1,M,10\n2,B,9\n3,M,10\n";
    const sources = ["X=f.csv:a", "y=f.csv:y", "label=f.csv:label"];
    const { of, encodings } = await read({ "f.csv": text }, sources, { labels: ["label"] });
    expect(of).toMatchObject({ y: { data: [1, 0, 1] }, label: { data: [1, 0, 1] } });
    expect(encodings).toMatchObject({
      y: { columns: ["y"], labels: { B: 0, M: 1 } },
      label: { labels: { 9: 0, 10: 1 } },
    });
    const told = await read({ "f.csv": text }, sources, { labels: ["y=M:1,B:-1"] });
    expect(told.of).toMatchObject({ y: { data: [1, -1, 1] }, label: { data: [10, 9, 10] } });
    await expect(read({ "f.csv": text }, sources, { labels: ["y=M:1"] })).rejects.toThrow(
      'f.csv:3: column "y" has the label "B", which has no code.',
    );
  });

  it("names row and column of a missing cell, or leaves such rows out when told", async () => {
    const files = { "f.csv": "a,b,y,note\n1,2,5,\n,9,9,\n3,4,6,\n7,8,NA,x\n" };
    await expect(read(files, ["X=f.csv:a,b", "y=f.csv:y"])).rejects.toThrow(
      'f.csv:3: column "a" has no value.\n2 rows have cells without a value: --drop-missing',
    );
    const { of, warnings } = await read(files, ["X=f.csv:a,b", "y=f.csv:y"], { dropMissing: true });
    expect(of).toMatchObject({ X, y });
    expect(warnings).toEqual(["f.csv: 2 of 4 rows left out, for they lack values."]);
    await expect(read({ "f.csv": "a,y\n,1\n1,\n" }, ["f.csv"], { dropMissing: true })).rejects.toThrow(
      "no row is complete",
    );
  });

  it("standardises columns, and says which are constant", async () => {
    const { of, encodings, warnings } = await read({ "f.csv": "a,b,y\n1,7,5\n3,7,6\n" }, ["f.csv"], {
      standardise: ["X"],
    });
    expect(of).toMatchObject({ X: { data: [-1, 0, 1, 0] } });
    expect(encodings).toMatchObject({ X: { standardise: { mean: [2, 7], scale: [1, 1] } } });
    expect(warnings).toEqual([expect.stringContaining('column "b" is constant')]);
    const saved = { X: { columns: ["a", "b"], standardise: { mean: [1, 0], scale: [2, 10] } }, y: { columns: ["y"] } };
    expect((await read({ "f.csv": "y,b,a\n5,7,1\n" }, ["f.csv"], { saved })).of).toMatchObject({
      X: { data: [0, 0.7] },
    });
  });

  it.each<[string, Readonly<Record<string, string>>, readonly string[], Partial<DataRequest>, string]>([
    [
      "an ambiguous file",
      { "f.csv": "a,b,t\n1,2,3\n" },
      ["f.csv"],
      {},
      'the columns of f.csv do not say what is "X" and "y".',
    ],
    [
      "dates for numbers",
      { "f.csv": "a,b,y\n1,2,May 1\n1,3,May 2\n2,2,May 3\n2,3,May 4\n3,3,May 5\n" },
      ["f.csv"],
      {},
      '"y" needs numbers, and column "y" of f.csv holds 5 different texts.\nIf they are labels, say so: --labels y.',
    ],
    [
      "decimal commas, which would pass for two labels",
      { "f.csv": "a;b;y\n1;2;0,5\n1;3;-1,5e3\n2;2;0,5\n" },
      ["f.csv"],
      {},
      '"y" needs numbers, and column "y" of f.csv holds text such as "0,5".\nWrite --decimal-comma where a comma stands before the fraction.\nIf they are labels, say so: --labels y.',
    ],
    [
      "a column that is not there",
      { "f.csv": "a,target\n1,2\n" },
      ["y=f.csv:tarjet"],
      {},
      'f.csv has no column "tarjet".\nDid you mean "target"?',
    ],
    [
      "a position that is not there",
      { "f.csv": "a,b\n1,2\n" },
      ["X=f.csv:1..2"],
      {},
      "f.csv has 2 columns, 0 to 1: there is no column 2.",
    ],
    ["a range backwards", { "f.csv": "a,b\n1,2\n" }, ["X=f.csv:b..a"], {}, "runs backwards"],
    ["a name twice", { "f.csv": "a,a\n1,2\n" }, ["y=f.csv:a"], {}, "several columns"],
    [
      "text for a matrix",
      { "f.csv": "name,b,y\nx,2,3\n" },
      ["f.csv"],
      {},
      'column "name" of f.csv holds text such as "x"',
    ],
    [
      "text among numbers",
      { "f.csv": "a,b,y\n1,2,3\n1,l2,3\n" },
      ["f.csv"],
      {},
      'f.csv:3: column "b" holds numbers, and here "l2".',
    ],
    ["numbers without end", { "f.csv": "a,b,y\n1,inf,3\n" }, ["f.csv"], {}, 'f.csv:2: column "b" is Infinity'],
    ["an unknown name", { "f.csv": "a\n1\n" }, ["Y=f.csv:a"], {}, 'the model has no data "Y".'],
    ["columns for nothing", { "f.csv": "a\n1\n" }, ["f.csv:a"], {}, "says which columns, but not for what"],
    ["the same twice", { "f.csv": "a\n1\n" }, ["y=f.csv:a", "y=f.csv:a"], {}, '--data gives "y" twice.'],
    ["data without values", { "f.csv": "a\n1\n" }, ["y=f.csv:a"], {}, '"X" has no values'],
    ["a vector of several columns", { "f.csv": "a,b\n1,2\n" }, ["y=f.csv:a,b"], {}, '"y" takes one column, got 2'],
    ["NaN in JSON", { "f.json": '{"X": [[1]], "y": ["NaN"]}' }, ["f.json"], {}, '"y" at [0] is NaN'],
    ["a parameter among data", { "f.json": '{"w": [1]}' }, ["f.json"], {}, "its start is given with --start"],
    [
      "scaling of labels",
      { "f.csv": "a,y\n1,u\n2,v\n" },
      ["f.csv"],
      { standardise: ["y"] },
      "it needs columns of reals",
    ],
    [
      "codes for a column that there is not",
      { "f.csv": "a,kind\n1,u\n2,v\n" },
      ["X=f.csv:a", "y=f.csv:kind"],
      { labels: ["kinds=u:-1,v:1"] },
      '--labels kinds: no column of that name is read as labels.\nDid you mean "kind"?',
    ],
    [
      "codes for a column of numbers under another name",
      { "f.csv": "a,kind\n1,0\n2,1\n" },
      ["X=f.csv:a", "y=f.csv:kind"],
      { labels: ["y=0:-1,1:1"] },
      '--labels y: no column of that name is read as labels.\nThe columns read are "a", "kind".',
    ],
    ["an unknown name to scale", {}, [], { standardise: ["x"] }, 'the model has no data "x"'],
  ])("refuses %s", async (_, files, sources, others, message) => {
    await expect(read(files, sources, others)).rejects.toThrow(message);
  });

  it("takes a file whose name has a colon or an equals sign", async () => {
    const { of } = await read({ "a:b=c.csv": "p,q,y\n1,2,5\n3,4,6\n" }, ["a:b=c.csv"]);
    expect(of).toMatchObject({ X, y });
    expect((await read({ "a:b.csv": "p,q,y\n1,2,5\n3,4,6\n" }, ["X=a:b.csv:p,q", "y=a:b.csv:y"])).of).toMatchObject({
      X,
      y,
    });
  });
});
