import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compileModel } from "../../src/compile/compile.js";
import { loadModel } from "../../src/model/load.js";
import { textOf } from "./text.js";
function readAll(folder) {
    const place = new URL(`./${folder}/`, import.meta.url);
    return readdirSync(place)
        .filter((file) => file.endsWith(".json"))
        .map((file) => JSON.parse(readFileSync(new URL(file, place), "utf8")));
}
const numbers = (list) => Float64Array.from(list, Number);
/** Largest deviation in units of the largest entry. */
function deviation(got, wanted) {
    const reference = wanted.map(Number);
    const scale = Math.max(...reference.map(Math.abs), Number.MIN_VALUE);
    return Math.max(...reference.map((value, k) => Math.abs(got[k] - value))) / scale;
}
/** Loss, gradient, HVP and Hessian against their references. */
function compare(bound, x, v, wanted) {
    const n = x.length;
    const [g, h, H] = [new Float64Array(n), new Float64Array(n), new Float64Array(n * n)];
    const f = bound.flat.lossAndGradient(x, g);
    bound.flat.hvp(x, v, h);
    if (wanted.hessian)
        bound.flat.hessian(x, H);
    return Math.max(deviation([f], [wanted.f]), deviation(g, wanted.grad), deviation(h, wanted.hvp), wanted.hessian ? deviation(H, wanted.hessian) : 0);
}
describe("NIST regressions", () => {
    const all = readAll("nist");
    it("are all 27", () => expect(all.length).toBe(27));
    it.each(all.map((one) => [one.name, one]))("%s has the reference derivatives at both starts", (_, one) => {
        const text = [
            `param ${one.parameters.join(", ")}`,
            `data ${one.columns.map((column) => `${column}: [n]`).join(", ")}`,
            `loss = sum((${one.response} - ${textOf(one.model_ast)})^2)`,
        ].join("\n");
        const columns = one.columns.map((name, k) => [name, one.data.map((row) => row[k])]);
        const bound = compileModel(loadModel({ name: `${one.name}.nabla`, text })).bind(Object.fromEntries(columns));
        for (const point of one.derivatives) {
            const wanted = { f: point.rss, grad: point.grad_rss, hvp: point.hvp_rss, hessian: point.hess_rss.flat() };
            expect(compare(bound, numbers(point.b), numbers(point.hvp_v), wanted), point.label).toBeLessThan(1e-9);
        }
    });
});
describe("More-Garbow-Hillstrom problems", () => {
    const all = readAll("mgh");
    it.each(all.map((one) => [one.id, one]))("%s has the reference derivatives at its points", (_, one) => {
        const text = [
            `param ${one.vars.join(", ")}`,
            ...one.defs.map(({ name, ast }) => `let ${name} = ${textOf(ast)}`),
            `loss = ${one.residuals.map(({ ast }) => `(${textOf(ast)})^2`).join(" + ")}`,
        ].join("\n");
        const bound = compileModel(loadModel({ name: `${one.id}.nabla`, text })).bind();
        for (const point of one.points) {
            const wanted = { f: point.f, grad: point.grad, hvp: point.hvp, hessian: point.hessian?.flat() };
            expect(compare(bound, numbers(point.x), numbers(point.v), wanted), point.label).toBeLessThan(1e-10);
        }
    });
});
