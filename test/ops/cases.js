import { readFileSync } from "node:fs";
import { add, div, square, sub } from "../../src/ops/algebra.js";
import { max } from "../../src/ops/comparison.js";
import { exp } from "../../src/ops/exponential.js";
import { hypot } from "../../src/ops/powers.js";
import { realOf } from "../../src/ops/program.js";
import { operationNamed } from "../../src/ops/registry.js";
import { logaddexp } from "../../src/ops/special.js";
import { derivative } from "./tangent.js";
export function readCases(path) {
    return JSON.parse(readFileSync(new URL(`../cases/${path}`, import.meta.url), "utf8"));
}
/** The names in the files that differ from ours. */
const ours = {
    recip: "reciprocal",
    lt: "less",
    le: "lessEqual",
    gt: "greater",
    ge: "greaterEqual",
    eq: "equal",
    ne: "notEqual",
    logsigmoid: "logSigmoid",
    leaky_relu: "leakyRelu",
};
const mean = (...terms) => div(add(...terms), terms.length);
const composites = {
    sum: add,
    mean,
    maxn: max,
    norm: hypot,
    logsumexp: logaddexp,
    softmax0: (...x) => exp(sub(x[0], logaddexp(...x))),
    logsoftmax0: (...x) => sub(x[0], logaddexp(...x)),
    var: (...x) => mean(...x.map((each) => square(sub(each, mean(...x))))),
};
/** The expression of a case over the given variables. */
export function build(ast, variables) {
    const like = Object.values(variables)[0];
    if (typeof ast === "number")
        return like.graph.constantLike(ast, like);
    if (typeof ast === "string")
        return variables[ast];
    const [name, ...operands] = ast;
    const construct = composites[name] ?? operationNamed(ours[name] ?? name);
    if (!construct)
        throw new Error(`no operation ${name}`);
    return construct(...operands.map((operand) => build(operand, variables)));
}
/** The functions f, df/dx_i and d2f/dx_i dx_j of a case, evaluated as they stand. */
export function derivatives({ ast, vars }) {
    const f = (...x) => build(ast, Object.fromEntries(vars.map((name, k) => [name, x[k]])));
    const along = (g, k) => (...x) => {
        const output = g(...x);
        return derivative(output, x[k]) ?? output.graph.constantLike(0, output);
    };
    return {
        value: realOf(f),
        first: vars.map((_, i) => realOf(along(f, i))),
        second: vars.map((_, i) => vars.map((_, j) => realOf(along(along(f, i), j)))),
    };
}
/** Equal within `tolerance`, relative; a reference of exact 0 allows `nearZero`, and infinities must agree. */
export function isClose(got, reference, tolerance, nearZero = 1e-12) {
    const expected = Number(reference);
    if (Number.isNaN(expected) || Number.isNaN(got))
        return Number.isNaN(expected) && Number.isNaN(got);
    if (!Number.isFinite(expected))
        return got === expected;
    if (expected === 0)
        return Math.abs(got) <= (/^-?0(\.0*)?$/.test(`${reference}`) ? nearZero : 1e-300);
    return Math.abs(got - expected) <= tolerance * Math.abs(expected) + 2 ** -1070;
}
