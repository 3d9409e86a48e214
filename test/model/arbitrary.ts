import fc from "fast-check";
import type { Source } from "../../src/ir/source.ts";
import { binaryPrecedence, unaryPrecedence } from "../../src/model/syntax/precedence.ts";
import type {
  Block,
  Declaration,
  Definition,
  Definitions,
  Expression,
  If,
  Iterator,
  Model,
  Name,
  NamedArgument,
  NumberLiteral,
  Slice,
  Statement,
  Text,
  Type,
  UnitProduct,
} from "../../src/model/syntax/syntax.ts";

/** Trees of no text: their spans are empty. */
const source: Source = { name: "arbitrary", text: "" };
const span = { source, start: 0, end: 0 };

type Fields<Node> = { [Key in keyof Node]: fc.Arbitrary<Node[Key]> };

const node = <Kind extends string, Node extends object>(kind: Kind, fields: Fields<Node>) =>
  fc.record<Node>(fields).map((values) => ({ kind, ...values, span }));

const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });
const several = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.array(arbitrary, { minLength: 1, maxLength: 3 });
const any = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.array(arbitrary, { maxLength: 3 });

const name: fc.Arbitrary<Name> = node("name", {
  name: fc.constantFrom("x", "y2", "β", "__proto__", "constructor", "model", "real", "lets", "a_rather_long_name"),
});

const number: fc.Arbitrary<NumberLiteral> = fc
  .constantFrom("0", "1", "42", "2.50", ".5", "1e-3", "3E+7", "007", "1_000", "1.0e-3")
  .map((text) => ({ kind: "number", text, value: Number(text.replace("_", "")), span }));

const comparison = fc.constantFrom("==" as const, "<" as const, ">=" as const);

const text: fc.Arbitrary<Text> = node("text", { text: fc.constantFrom("", "ij,jk->ik", "first") });

const leaf = { weight: 3, arbitrary: fc.oneof(name, number) };
const depth = { maxDepth: 5, depthSize: "small" } as const;

const { product } = fc.letrec<{ product: UnitProduct }>((tie) => ({
  product: several(
    fc.record({
      operator: fc.constantFrom("*" as const, "/" as const),
      base: fc.oneof({ maxDepth: 2 }, name, fc.constant("1" as const), tie("product")),
      exponent: fc.integer({ min: -3, max: 3 }),
    }),
  ).map(([first, ...rest]) => ({ kind: "unitProduct", factors: [{ ...first!, operator: "*" }, ...rest], span })),
}));

interface Trees {
  expression: Expression;
  /** An if that ends in another is one if, with more arms. */
  notIf: Exclude<Expression, If>;
  slice: Slice;
  iterator: Iterator;
  named: NamedArgument;
  type: Type;
  declaration: Declaration;
  definition: Definition;
  lets: Definitions;
  block: Block;
}

const trees = fc.letrec<Trees>((tie: fc.LetrecTypedTie<Trees>) => ({
  expression: fc.oneof(
    depth,
    leaf,
    tie("notIf"),
    node("if", {
      arms: several(node("arm", { condition: tie("expression"), value: tie("expression") })),
      otherwise: tie("notIf"),
    }),
  ),
  notIf: fc.oneof(
    depth,
    leaf,
    {
      weight: 3,
      arbitrary: node("binary", {
        operator: fc.constantFrom(...binaryPrecedence.keys()),
        left: tie("expression"),
        right: tie("expression"),
      }),
    },
    node("comparisons", {
      operands: fc.tuple(tie("expression"), tie("expression"), tie("expression")),
      operators: fc.tuple(comparison, comparison),
    }),
    node("unary", { operator: fc.constantFrom(...unaryPrecedence.keys()), operand: tie("expression") }),
    node("call", { callee: name, arguments: any(fc.oneof(tie("expression"), tie("named"), text)) }),
    node("binder", {
      callee: name,
      bindings: several(fc.oneof(tie("iterator"), tie("named"))),
      body: tie("expression"),
    }),
    node("array", { elements: any(tie("expression")) }),
    node("comprehension", { iterators: several(tie("iterator")), body: tie("expression") }),
    node("index", {
      target: tie("expression"),
      indices: several(fc.oneof(tie("expression"), node("wholeAxis", {}), node("ellipsis", {}), tie("slice"))),
    }),
    node("member", { target: tie("expression"), name }),
    node("transpose", { target: tie("expression") }),
    tie("block"),
  ),
  slice: fc
    .tuple(maybe(tie("expression")), maybe(tie("expression")), maybe(tie("expression")))
    .filter((ends) => ends.some((end) => end !== undefined))
    .map(([low, high, step]): Slice => ({ kind: "slice", low, high, step, span })),
  iterator: node("iterator", { name, domain: maybe(tie("expression")) }),
  named: node("named", { name, value: fc.oneof(tie("expression"), text) }),
  type: fc.oneof(
    node("type", { element: fc.constant(undefined), shape: any(tie("expression")) }),
    node("type", {
      element: fc.constantFrom("real" as const, "int" as const, "bool" as const),
      shape: maybe(any(tie("expression"))),
    }),
  ),
  declaration: node("declaration", {
    name,
    type: maybe(tie("type")),
    unit: maybe(product),
    within: maybe(tie("expression")),
    value: maybe(tie("expression")),
  }),
  definition: fc
    .tuple(tie("declaration"), tie("expression"))
    .map(([declaration, value]) => ({ ...declaration, value })),
  lets: node("definitions", { keyword: fc.constant("let" as const), definitions: several(tie("definition")) }),
  block: node("block", {
    lets: any(tie("lets")),
    result: fc.oneof(
      node("return", { value: tie("expression") }),
      node("fields", { fields: several(node("field", { name, value: tie("expression") })) }),
    ),
  }),
}));

const itself = fc.record({ definition: trees.definition, name }).map(({ definition, name }) => ({
  ...definition,
  ...{ name, type: undefined, unit: undefined, within: undefined, value: name },
}));
const loss = trees.definition.map((definition) => ({ ...definition, name: { ...definition.name, name: "loss" } }));

const statement: fc.Arbitrary<Statement> = fc.oneof(
  node("sizes", { sizes: several(node("size", { name, value: maybe(trees.expression), hint: maybe(number) })) }),
  node("units", { units: several(node("unit", { name, value: maybe(product) })) }),
  node("declarations", {
    keyword: fc.constantFrom("param" as const, "data" as const),
    declarations: several(trees.declaration),
  }),
  node("definitions", {
    keyword: fc.constantFrom("let" as const, "const" as const),
    definitions: several(trees.definition),
  }),
  node("definitions", {
    keyword: fc.constant("output" as const),
    definitions: several(fc.oneof(trees.definition, itself)),
  }),
  node("definitions", { keyword: fc.constant("loss" as const), definitions: fc.tuple(loss) }),
  node("function", {
    name,
    parameters: any(node("parameter", { name, type: maybe(trees.type) })),
    body: trees.expression,
  }),
);

/** Any expression that some text has. */
export const arbitraryExpression: fc.Arbitrary<Expression> = trees.expression;

/** Any model that some text has. */
export const arbitraryModel: fc.Arbitrary<Model> = node("model", {
  source: fc.constant(source),
  name: maybe(name),
  statements: any(statement),
  comments: fc.constant([]),
});
