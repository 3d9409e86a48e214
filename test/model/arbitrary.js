import fc from "fast-check";
import { binaryPrecedence, unaryPrecedence } from "../../src/model/precedence.js";
/** Trees of no text: their spans are empty. */
const source = { name: "arbitrary", text: "" };
const span = { source, start: 0, end: 0 };
const node = (kind, fields) => fc.record(fields).map((values) => ({ kind, ...values, span }));
const maybe = (arbitrary) => fc.option(arbitrary, { nil: undefined });
const several = (arbitrary) => fc.array(arbitrary, { minLength: 1, maxLength: 3 });
const any = (arbitrary) => fc.array(arbitrary, { maxLength: 3 });
const name = node("name", {
    name: fc.constantFrom("x", "y2", "β", "__proto__", "constructor", "model", "real", "lets", "a_rather_long_name"),
});
const number = fc
    .constantFrom("0", "1", "42", "2.50", ".5", "1e-3", "3E+7", "007")
    .map((text) => ({ kind: "number", text, value: Number(text), span }));
const leaf = { weight: 3, arbitrary: fc.oneof(name, number) };
const depth = { maxDepth: 5, depthSize: "small" };
const { product } = fc.letrec((tie) => ({
    product: several(fc.record({
        operator: fc.constantFrom("*", "/"),
        base: fc.oneof({ maxDepth: 2 }, name, fc.constant("1"), tie("product")),
        exponent: fc.integer({ min: -3, max: 3 }),
    })).map(([first, ...rest]) => ({ kind: "unitProduct", factors: [{ ...first, operator: "*" }, ...rest], span })),
}));
const trees = fc.letrec((tie) => ({
    expression: fc.oneof(depth, leaf, tie("notIf"), node("if", {
        arms: several(node("arm", { condition: tie("expression"), value: tie("expression") })),
        otherwise: tie("notIf"),
    })),
    notIf: fc.oneof(depth, leaf, {
        weight: 3,
        arbitrary: node("binary", {
            operator: fc.constantFrom(...binaryPrecedence.keys()),
            left: tie("expression"),
            right: tie("expression"),
        }),
    }, node("unary", { operator: fc.constantFrom(...unaryPrecedence.keys()), operand: tie("expression") }), node("call", { callee: name, arguments: any(fc.oneof(tie("expression"), tie("named"))) }), node("binder", {
        callee: name,
        bindings: several(fc.oneof(tie("iterator"), tie("named"))),
        body: tie("expression"),
    }), node("array", { elements: any(tie("expression")) }), node("comprehension", { iterators: several(tie("iterator")), body: tie("expression") }), node("index", {
        target: tie("expression"),
        indices: several(fc.oneof(tie("expression"), node("wholeAxis", {}))),
    }), node("member", { target: tie("expression"), name }), node("transpose", { target: tie("expression") }), tie("block")),
    iterator: node("iterator", { name, domain: maybe(tie("expression")) }),
    named: node("named", { name, value: tie("expression") }),
    type: fc.oneof(node("type", { element: fc.constant(undefined), shape: any(tie("expression")) }), node("type", {
        element: fc.constantFrom("real", "int", "bool"),
        shape: maybe(any(tie("expression"))),
    })),
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
    lets: node("definitions", { keyword: fc.constant("let"), definitions: several(tie("definition")) }),
    block: node("block", {
        lets: any(tie("lets")),
        result: fc.oneof(node("return", { value: tie("expression") }), node("fields", { fields: several(node("field", { name, value: tie("expression") })) })),
    }),
}));
const loss = trees.definition.map((definition) => ({ ...definition, name: { ...definition.name, name: "loss" } }));
const statement = fc.oneof(node("sizes", { sizes: several(node("size", { name, value: maybe(trees.expression), hint: maybe(number) })) }), node("units", { units: several(node("unit", { name, value: maybe(product) })) }), node("declarations", {
    keyword: fc.constantFrom("param", "data"),
    declarations: several(trees.declaration),
}), node("definitions", {
    keyword: fc.constantFrom("let", "const", "output"),
    definitions: several(trees.definition),
}), node("definitions", { keyword: fc.constant("loss"), definitions: fc.tuple(loss) }), node("function", {
    name,
    parameters: any(node("parameter", { name, type: maybe(trees.type) })),
    body: trees.expression,
}));
/** Any expression that some text has. */
export const arbitraryExpression = trees.expression;
/** Any model that some text has. */
export const arbitraryModel = node("model", {
    source: fc.constant(source),
    name: maybe(name),
    statements: any(statement),
    comments: fc.constant([]),
});
