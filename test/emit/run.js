import { derive, lowerFunction } from "../../src/compile/derive.js";
import { signatureOf } from "../../src/compile/functions.js";
import { allocate } from "../../src/emit/javascript.js";
import { boundBuffers } from "../../src/emit/print.js";
import { simplify } from "../../src/rewrite/rewrite.js";
import { sizes } from "./models.js";
export function functionOf(model, name) {
    const variables = model.parameters.map(({ name, expr }) => ({ name, expr }));
    const loss = simplify([model.loss], { level: "exact" })[0];
    const derived = derive(name, { graph: model.graph, loss, outputs: model.outputs, variables, level: "exact" });
    const lowered = lowerFunction(derived, variables);
    return { lowered, signature: signatureOf(lowered, variables) };
}
export function lengthOf(buffer) {
    return buffer.shape.reduce((product, size) => {
        return product * size.evaluate((atom) => (atom.kind === "name" ? sizes.get(atom.name) : Number.NaN));
    }, 1);
}
export const sizesOf = ({ lowered }) => lowered.program.sizes.map((name) => sizes.get(name));
/** Numbers between -1.5 and 1.5 that differ from name to name. */
export function numbersFor(name, length, seed = 0) {
    const phase = [...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), seed) % 1000;
    return Float64Array.from({ length }, (_, t) => 1.5 * Math.sin(phase + 12.9898 * t));
}
/** What a bound buffer holds at the start: data, a table, or rubbish that must not matter. */
export function contentOf(buffer, seed = 0) {
    const length = lengthOf(buffer);
    if (buffer.role === "table")
        return Float64Array.from(buffer.values);
    if (buffer.role !== "input")
        return allocate(buffer.dtype, length).fill(buffer.dtype === "bool" ? 1 : 9);
    if (buffer.dtype === "int")
        return Int32Array.from({ length }, (_, t) => (t * 7 + seed) % sizes.get("m"));
    if (buffer.dtype === "bool")
        return Uint8Array.from({ length }, (_, t) => (t + seed) % 2);
    return numbersFor(buffer.name, length, seed);
}
/** The length of the packed vectors of a model. */
export const packedLength = (model) => model.parameters.reduce((sum, { expr }) => sum + lengthOf(expr), 0);
/** The vectors of a call: the point and the direction are given, everything else is written. */
export function vectorsOf({ signature }, length, seed = 0) {
    return [
        ...signature.packed.map(({ name }) => name === "x" || name === "v" ? numbersFor(name, length, seed) : new Float64Array(length).fill(7)),
        ...signature.separate.map((buffer) => allocate(buffer.dtype, lengthOf(buffer)).fill(1)),
    ];
}
export function boundOf(subject, seed = 0) {
    return boundBuffers(subject.lowered.program, subject.signature).map((buffer) => contentOf(buffer, seed));
}
/** Everything that a call gave: the returned number, then what every vector holds. */
export function resultOf(returned, vectors) {
    return [returned === undefined ? [] : [returned], ...vectors.map((vector) => Array.from(vector))];
}
export const asPairs = (arrays) => arrays.map((first) => ({ first, second: new Float64Array(first.length) }));
