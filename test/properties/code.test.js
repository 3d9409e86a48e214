import { describe, it } from "vitest";
import { executable } from "../../src/check/execute.js";
import { codeLaw, exactLaw } from "../../src/check/laws.js";
import { simplify } from "../../src/rewrite/rewrite.js";
import { forPrograms } from "./subject.js";
// Property 8: interpreter of the raw graph = interpreter of the rewritten graph = generated code, for value, gradient
// and Hessian-vector product.
const rewritten = (level) => codeLaw("", "", ({ all }, at) => at.real(simplify(all, { level, last: true })));
const generated = (level, ordered) => codeLaw("", "", ({ all }, at) => executable(simplify(all, { level, last: true }), { ordered })(at.bindings));
describe("loss, gradient and Hessian-vector product", () => {
    it("are the interpreter's bits in code with exact rewrites and ordered sums", () => {
        forPrograms(250, ({ derivatives, at }) => exactLaw.compare(derivatives, at));
    });
    it("stay within rounding under all rewrites", () => {
        forPrograms(250, ({ derivatives, at }) => rewritten("all").compare(derivatives, at));
    });
    it("stay within rounding in code as it is built, unrewritten", () => {
        forPrograms(250, ({ derivatives, at }) => generated("none", false).compare(derivatives, at));
    });
    it("stay within rounding in code with all rewrites", () => {
        forPrograms(250, ({ derivatives, at }) => generated("all", false).compare(derivatives, at));
    });
});
