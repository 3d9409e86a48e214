import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ModelErrors } from "../../src/ir/errors.js";
import { parseModel } from "../../src/model/parse.js";
import { slips } from "../../src/model/slips.js";
const folder = new URL("invalid/", import.meta.url);
const separator = "\n----\n";
/** Models that are wrong, each with the whole message it must get. */
const cases = readdirSync(folder).map((file) => {
    const [text, message] = readFileSync(new URL(file, folder), "utf8").split(separator);
    return { name: file.replace(/\.txt$/, ""), text: `${text}\n`, message: message.trimEnd() };
});
function errorOf(name, text) {
    try {
        parseModel({ name: `${name}.nabla`, text });
    }
    catch (error) {
        return error;
    }
    throw new Error(`${name} has no error`);
}
describe("the message for a wrong model", () => {
    it.each(cases)("is as reviewed for $name", ({ name, text, message }) => {
        expect(errorOf(name, text).message).toBe(message);
    });
    it("has a reviewed case for each slip", () => {
        const texts = cases.map(({ message }) => message).join("\n");
        const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
        const unseen = slips.filter(({ summary, wayOut }) => [summary, wayOut].some((text) => !new RegExp(text.split(/\$\d/).map(escaped).join(".*")).test(texts)));
        expect(unseen).toEqual([]);
    });
    it("points into the text", () => {
        for (const { name, text } of cases) {
            const error = errorOf(name, text);
            for (const { span } of error instanceof ModelErrors ? error.errors : [error]) {
                expect(span.start).toBeLessThanOrEqual(text.length);
                expect(span.end).toBeGreaterThan(span.start);
            }
        }
    });
});
