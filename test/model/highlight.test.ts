import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import oniguruma from "vscode-oniguruma";
import textmate from "vscode-textmate";
import type { Span } from "../../src/ir/source.ts";
import { parseModel } from "../../src/model/syntax/parse.ts";
import { reserved } from "../../src/model/syntax/parser.generated.js";
import type {
  Declaration,
  Expression,
  Field,
  Iterator,
  Model,
  NamedArgument,
  Parameter,
  Size,
  Statement,
  Unit,
  UnitProduct,
} from "../../src/model/syntax/syntax.ts";
import { examples as models } from "./examples.ts";
import { spellings } from "./tree.ts";

const examples = [...models, spellings];

const grammarFile = new URL("../../grammar/nabla.tmLanguage.json", import.meta.url);

async function loadGrammar(): Promise<textmate.IGrammar> {
  const wasm = createRequire(import.meta.url).resolve("vscode-oniguruma/release/onig.wasm");
  await oniguruma.loadWASM(readFileSync(wasm));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => textmate.parseRawGrammar(readFileSync(grammarFile, "utf8"), grammarFile.pathname),
  });
  return (await registry.loadGrammar("source.nabla"))!;
}

const grammar = await loadGrammar();

interface Token {
  readonly start: number;
  readonly text: string;
  readonly scopes: readonly string[];
}

function tokensOf(text: string): Token[] {
  let state = textmate.INITIAL;
  let lineStart = 0;
  return text.split("\n").flatMap((line) => {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    const start = lineStart;
    state = ruleStack;
    lineStart += line.length + 1;
    return tokens.map((token) => ({
      start: start + token.startIndex,
      text: line.slice(token.startIndex, token.endIndex),
      scopes: token.scopes,
    }));
  });
}

type Node =
  | Model
  | Statement
  | Size
  | Unit
  | UnitProduct
  | Declaration
  | Parameter
  | NamedArgument
  | Iterator
  | Field
  | Expression;

/** All nodes of a tree. */
function nodesOf(model: Model): Node[] {
  const nodes: Node[] = [];
  const stack: object[] = [model];
  for (let part = stack.pop(); part !== undefined; part = stack.pop()) {
    if ("kind" in part) nodes.push(part as Node);
    for (const value of Object.values(part)) {
      if (typeof value === "object" && value !== null && value !== model.source) stack.push(value);
    }
  }
  return nodes;
}

/** The scopes that the tree demands: which of a node's names, or the node itself, has which. */
function demandsOf(node: Node): readonly (readonly [{ readonly span: Span }, string])[] {
  switch (node.kind) {
    case "size":
      return [[node.name, "variable.other.declaration"]];
    case "declaration":
      return [[node.name, node.name.name === "loss" ? "variable.language.loss" : "variable.other.declaration"]];
    case "unit":
      return [[node.name, "support.type.unit"]];
    case "unitProduct":
      return node.factors.flatMap(({ base }) =>
        base !== "1" && base.kind === "name" ? [[base, "support.type.unit"] as const] : [],
      );
    case "function":
      return [[node.name, "entity.name.function"]];
    case "parameter":
    case "named":
      return [[node.name, "variable.parameter"]];
    case "iterator":
      return node.domain ? [[node.name, "variable.parameter"]] : [];
    case "field":
      return [[node.name, "variable.other.member"]];
    case "call":
    case "binder":
      return [[node.callee, defined.has(node.callee.name) ? "entity.name.function" : "support.function.builtin"]];
    case "text":
      return [[node, "string.quoted"]];
    case "number":
      return [[node, "constant.numeric"]];
    case "binary": {
      const between = { ...node.span, start: node.left.span.end, end: node.right.span.start };
      const start = between.start + node.span.source.text.slice(between.start, between.end).search(/\S/);
      return [[{ span: { ...between, start, end: start + node.operator.length } }, "keyword.operator"]];
    }
    default:
      return [];
  }
}

/** The functions that the examples define themselves. */
const defined = new Set(
  examples.flatMap((example) =>
    nodesOf(parseModel(example)).flatMap((node) => (node.kind === "function" ? [node.name.name] : [])),
  ),
);

describe("the editor's grammar", () => {
  it.each(examples)("agrees with the parser about $name", (example) => {
    const tokens = new Map(tokensOf(example.text).map((token) => [token.start, token]));
    const model = parseModel(example);
    const demands = [
      ...nodesOf(model).flatMap(demandsOf),
      ...model.comments.map((comment) => [comment, "comment.line"] as const),
    ];
    for (const [{ span }, scope] of demands) {
      const text = example.text.slice(span.start, span.end);
      expect(tokens.get(span.start), `${text} at ${span.start}`).toMatchObject({ text });
      expect(tokens.get(span.start)!.scopes.at(-1), `${text} at ${span.start}`).toContain(scope);
    }
  });

  it.each(examples)("shows each reserved word of $name as a keyword, and nothing else", (example) => {
    for (const { text, scopes } of tokensOf(example.text)) {
      const isWord = reserved.has(text) || text === "model";
      if (/^\p{L}/u.test(text)) expect(scopes.at(-1)!.startsWith("keyword."), text).toBe(isWord);
    }
  });

  it.each(examples)("finds nothing invalid in $name", (example) => {
    expect(tokensOf(example.text).filter(({ scopes }) => scopes.join(" ").includes("invalid"))).toEqual([]);
  });

  it.each(["a && b", "a || b", "a ** b", "!a", "a ? b : c", '"a"', "a % b", "/* a */"])(
    "marks %s as invalid",
    (text) => {
      expect(tokensOf(`let x = ${text}`).some(({ scopes }) => scopes.join(" ").includes("invalid"))).toBe(true);
    },
  );
});
