import { compileModel } from "../../src/compile/compile.js";
import { loadModel } from "../../src/model/load.js";
import { modelTexts } from "./models.js";
import { lengthOf, partsOf, pointOf } from "./tasks.js";
/** From text to a compiled model, whose functions are built when they are first used. */
export function compileText(group) {
    return compileModel(loadModel({ name: `${group}.nabla`, text: modelTexts[group] }));
}
export function bindTask(task) {
    return compileText(task.data.group).bind(task.inputs, task.sizes);
}
/** nabla's two forms: packed vectors (flat), and parameters by name into the caller's arrays (bound). */
export function nablaContenders(task) {
    const { flat } = bindTask(task);
    // a model of its own: forms that share generated code would share what V8 learns of it
    const bound = bindTask(task);
    const { x, v } = pointOf(task);
    const g = new Float64Array(x.length);
    const h = new Float64Array(x.length);
    let loss = Number.NaN;
    const params = named(task, x);
    const direction = named(task, v);
    const out = { loss: Number.NaN, gradient: zeros(task) };
    const product = zeros(task);
    return {
        lossAndGradient: [
            {
                name: "nabla, flat",
                run: () => {
                    loss = flat.lossAndGradient(x, g);
                },
                result: () => [loss, ...g],
            },
            {
                name: "nabla, bound",
                run: () => {
                    bound.lossAndGradient(params, out);
                },
                result: () => [out.loss, ...packed(task, out.gradient)],
            },
        ],
        hvp: [
            { name: "nabla, flat", run: () => flat.hvp(x, v, h), result: () => h },
            {
                name: "nabla, bound",
                run: () => {
                    bound.hvp(params, direction, product);
                },
                result: () => packed(task, product),
            },
        ],
    };
}
function named(task, x) {
    return Object.fromEntries(partsOf(task, x).map((part, k) => [task.parameters[k].name, part]));
}
function zeros(task) {
    return Object.fromEntries(task.parameters.map((parameter) => [parameter.name, new Float64Array(lengthOf(parameter))]));
}
function packed(task, vectors) {
    return task.parameters.flatMap(({ name }) => Array.from(vectors[name]));
}
