import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folderWith, type Ran, run } from "../cli/run.ts";

// Files, folders and lines that nobody should give: each has its answer, in words of the command line, by the exit code that
// is documented, and nothing waits for ever.

const square = "param w\nloss = w^2\n";

/** Model texts that are right, strange as they are, and the loss at w = 3. */
const strange: readonly (readonly [string, string, number])[] = [
  ["a byte order mark and lines that end in CRLF", "\uFEFFparam w\r\nloss = w^2\r\n", 9],
  [
    "names of the language below",
    "param w\nlet __proto__ = w, constructor = w, toString = 1\nloss = __proto__ * constructor * toString",
    9,
  ],
  ["letters of other scripts", "param w\nlet größe = w, π_2 = 2\nloss = größe^π_2", 9],
  ["underscores in numbers", "param w\nloss = w * 1_000", 3000],
  ["a long chain of signs", `param w\nloss = ${"-".repeat(20_000)}w`, 3],
  ["ten million characters", `param w\nloss = w^2\n# ${"x".repeat(10_000_000)}`, 9],
];

/** Model texts that are wrong, and a part of what is said. */
const wrong: readonly (readonly [string, string, RegExp])[] = [
  ["nothing", "", /m:1:1: the model computes nothing/],
  ["spaces alone", " \n\t\n", /the model computes nothing/],
  ["a NUL", "param w\0\nloss = w", /m:1:8: .*got "\\u0000"/],
  ["an escape sequence", "param w\u001b[31m\nloss = w", /^\P{Cc}*$/u],
  ["code in a name", "model x */ process.exit() /*\nloss = 1", /m:1:9/],
  ["a name twice", "param w\nparam w\nloss = w", /"w" is declared twice/],
  ["a number too large", "param w\nloss = w * 1e999", /1e999 is beyond the largest number/],
  ["a hexadecimal number", "param w\nloss = w * 0x1f", /numbers are written with decimal digits/],
  [
    "brackets without end",
    `param w\nloss = ${"(".repeat(5000)}w${")".repeat(5000)}`,
    /brackets stand more than 1000 deep/,
  ],
  ["a range of a real number", "param w\nloss = sum(i in 0..1e9: w)", /is a real: write 1000000000\./],
  ["a shape of a real number", "param w: [1.5]\nloss = sum(w)", /a shape needs a size/],
  ["a negative size", "param w: [2 - 5]\nloss = sum(w)", /a size is 0 or more, got -3/],
];

const evaluated = (text: string, inputs: object = { w: 3 }): Promise<Ran> =>
  run(["eval", "m", "--data", "d.json", "--want", "loss", "--json"], {
    folder: folderWith({ m: text, "d.json": JSON.stringify(inputs) }),
  });

describe("nabla eval", () => {
  it.each(strange)("takes %s", async (_, text, loss) => {
    expect(JSON.parse((await evaluated(text)).output)).toEqual({ loss });
  });

  it.each(wrong)("says what is wrong with %s", async (_, text, message) => {
    const { code, output } = await evaluated(text);
    expect(JSON.parse(output).error.message.replaceAll("\n", " ")).toMatch(message);
    expect(code).toBe(1);
  });

  it("says of ranges that end before they begin what is wrong with them", async () => {
    const { code, output } = await evaluated("size k\nparam w\nloss = sum(i in 5..k: w)", { w: 1, k: 2 });
    expect(JSON.parse(output).error.message).toContain(
      'the length k - 5 of the range of "i" must not be negative: needed 0 and above, got -3.',
    );
    expect(code).toBe(1);
  });

  it("ends what takes too long, and says how to go on", async () => {
    const folder = folderWith({
      m: "size n\nparam w\nloss = sum(i in 0..n: sin(w * i))",
      "d.json": '{"w": 1, "n": 100000000000}',
    });
    const { code, errors } = await run(["eval", "m", "-d", "d.json", "--time-limit", "0.2"], { folder });
    expect(errors).toBe(
      "error: this takes longer than 0.2 seconds, the limit of time.\n--time-limit SECONDS sets another limit, --time-limit 0 none.\n",
    );
    expect(code).toBe(1);
    const { errors: misread } = await run(["eval", "m", "--time-limit", "soon"], { folder });
    expect(misread).toContain('--time-limit needs a number of seconds from 0 to 1,000,000, got "soon"');
  });
});

/** Commands on files that are none, or that cannot be written. */
const files: readonly (readonly [string, readonly string[], string])[] = [
  ["a folder as a model", ["eval", "folder"], "cannot read folder: it is a folder"],
  ["bytes that are no text", ["check", "bytes"], "cannot read bytes: it is not UTF-8 text"],
  ["no file", ["explain", "nothing"], "cannot read nothing: no such file"],
  ["a folder on the way that is a file", ["format", "m/x"], "cannot read m/x: a part of the path is no folder"],
  [
    "data that are no JSON",
    ["eval", "m", "-d", "m"],
    "m is not JSON: Unexpected token 'p'.\nData are read from JSON here",
  ],
  ["data that are a list", ["eval", "m", "-d", "list.json"], "list.json needs one object of values by name"],
  ["a name twice in data", ["eval", "m", "-d", "twice.json"], 'twice.json has an object with "w" twice'],
  [
    "a folder that is not there",
    ["graph", "m", "-o", "no/x.svg"],
    "cannot write no/x.svg: there is no folder no. Make it first.",
  ],
  ["a format that graphs have not", ["graph", "m", "-o", "x.png"], "x.png ends in .png, which is no format of graphs"],
  ["a folder as the output", ["graph", "m", "-o", "folder"], "cannot write folder: it is a folder"],
];

describe("nabla", () => {
  it.each(files)("answers %s", async (_, words, message) => {
    const folder = folderWith({ m: square, "list.json": "[1]", "twice.json": '{"w": 1, "w": 2}' });
    mkdirSync(join(folder, "folder"));
    writeFileSync(join(folder, "bytes"), Uint8Array.of(0xff, 0xfe, 0x00, 0x41));
    const { code, errors } = await run(words, { folder });
    expect(errors).toContain(message);
    expect([1, 2]).toContain(code);
  });
});

const model = "param w: [n]\ndata k: int = 1\nloss = k * sum(w^2)";

/** Lines of a batch, and a part of what is answered. Their ids are their positions. */
const lines: readonly (readonly [string, object | string])[] = [
  ["", "the line is not JSON"],
  ["{", "the line is not JSON"],
  ["[]", "a request needs an object, got an array"],
  ["null", "a request needs an object, got null"],
  ['{"id": 4}', '"w" has no value: the model declares it and no input gives it'],
  ['{"id": 5, "model": 5}', '"model" needs the model\'s text, got a number'],
  ['{"id": 6, "model": "", "inputs": [1]}', '"inputs" needs an object of values by name, got an array'],
  ['{"id": 7, "wrt": "w"}', '"wrt" needs an array of names, got a string'],
  ['{"id": 8, "colour": "red"}', 'a request has no field "colour". It has: id, model, inputs'],
  ['{"id": 9, "wants": ["loss"]}', 'a request has no field "wants". Did you mean "want"?'],
  ['{"id": 10, "inputs": {"w": [1], "w": [2]}}', 'the line has an object with "w" twice'],
  ['{"id": 11, "inputs": {"w": [[1], [2, 3]]}}', '"w" is uneven: the row at [1] has 2 entries, the first has 1'],
  ['{"id": 12, "inputs": {"w": [1, null]}}', '"w" at [1] needs a number, got null'],
  ['{"id": 13, "inputs": {"w": [1, "x"]}}', '"w" at [1] needs a number, got the text "x"'],
  ['{"id": 14, "inputs": {"w": 1}}', '"w" needs the shape [n], got a number'],
  [`{"id": 15, "inputs": {"w": ${"[".repeat(100)}1${"]".repeat(100)}}}`, '"w" is nested deeper than 64 levels'],
  ['{"id": 16, "inputs": {"w": [1], "N": 1}}', 'the model has no input "N". Did you mean "n"?'],
  ['{"id": 17, "inputs": {"w": [1], "k": 1.5}}', '"k" needs a whole number, got 1.5'],
  ['{"id": 18, "inputs": {"w": [1], "n": 2}}', '"w" needs 2 along axis 0 (n; n = 2 from the given sizes), got 1'],
  ['{"id": 19, "inputs": {"w": [1]}, "wrt": ["v"]}', 'wrt has "v", which the model does not declare. It has: w, k.'],
  ['{"id": 20, "inputs": {"w": [1]}, "want": ["los"]}', 'Did you mean "loss"?'],
  ['{"id": 21, "inputs": {"w": [1]}, "engine": "wasm"}', '"engine" needs one of js, interpreter, complex, dual'],
  ['{"id": 22, "inputs": {"w": [1]}, "want": ["hvp"]}', '"hvp" needs a direction'],
  ['{"id": 23, "model": "param w\\nloss = w +* 2"}', 'model:2:11: expected a value, got "*"'],
  ['{"id": 24, "inputs": {"w": ["NaN"]}}', { loss: "NaN" }],
  ['{"id": 25, "inputs": {"w": []}}', { loss: 0 }],
  [
    '{"id": 26, "model": "param w\\nloss = while(s = w, test = s > 0, limit = 100000000000: s + 1)", "inputs": {"w": 1}}',
    "this takes longer than 0.3 seconds",
  ],
  ['{"id": 27, "inputs": {"w": [3]}}', { loss: 9 }],
  ['{"inputs": {"w": [1, NaN]}}', 'JSON has no such numbers: write "NaN"'],
  ['{"inputs": {"w": -Infinity }}', 'JSON has no such numbers: write "NaN"'],
];

describe("nabla eval --batch", () => {
  it("gives every line one answer, in order, whatever it is", async () => {
    const folder = folderWith({ m: model });
    const words = ["eval", "m", "--batch", "--want", "loss", "--time-limit", "0.3"];
    const { code, output } = await run(words, { folder, input: lines.map(([line]) => line).join("\n") });
    const answers = output.split("\n");
    expect(answers.pop()).toBe("");
    expect(answers).toHaveLength(lines.length);
    for (const [k, answer] of answers.entries()) {
      const { id, ...rest } = JSON.parse(answer);
      const [line, expected] = lines[k]!;
      expect(id, line).toBe(line.includes('"id"') ? k : null);
      if (typeof expected === "string") expect(rest.error?.message, line).toContain(expected);
      else expect(rest, line).toEqual(expected);
    }
    expect(code).toBe(0);
  });
});

const regression = "param w\ndata x: [n], y: [n]\nloss = sum((y - w * x)^2)";

describe("nabla fit", () => {
  it.each([
    ["a text among numbers", "x,y\n1,2\nabc,3\n", 'data.csv:3: column "x" holds numbers, and here "abc"'],
    [
      "a number among texts",
      "x,y\nabc,2\n1,3\n",
      'data.csv:3: column "x" has the number 1, and a text at data.csv:2, "abc"',
    ],
    ["a row too short", "x,y\n1,2\n3\n", "data.csv:3"],
    ["no column of a name", "x,z,v\n1,2,3\n", '"y"'],
    ["nothing", "", "data.csv is empty"],
  ])("says where data have %s", async (_, text, message) => {
    const folder = folderWith({ m: regression, "data.csv": text });
    const { code, errors } = await run(["fit", "m", "--data", "data.csv"], { folder });
    expect(errors).toContain(message);
    expect([1, 2]).toContain(code);
  });
});
