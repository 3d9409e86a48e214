import { readdirSync, readFileSync } from "node:fs";
const examplesFolder = new URL("../../grammar/examples/", import.meta.url);
/** The models in grammar/examples, by file name. */
export const examples = readdirSync(examplesFolder)
    .filter((name) => name.endsWith(".nabla"))
    .map((name) => ({ name, text: readFileSync(new URL(name, examplesFolder), "utf8") }));
const placeFields = new Set(["span", "source", "comments"]);
/** A tree as text, without what says where it stands: two trees with the same text mean the same. */
export function meaning(tree) {
    return JSON.stringify(tree, (key, value) => (placeFields.has(key) ? undefined : value), 1);
}
/** A text as a source. */
export function sourceOf(text) {
    return { name: "test.nabla", text };
}
