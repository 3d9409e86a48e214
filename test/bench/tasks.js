import * as logistic from "./hand/logistic.js";
import { handMlp } from "./hand/mlp.js";
import * as rosenbrock from "./hand/rosenbrock.js";
import { normals, uniforms } from "./random.js";
export const tasks = [
    () => logisticTask(1000, 20),
    () => logisticTask(10_000, 100),
    () => rosenbrockTask(100),
    () => rosenbrockTask(10_000),
    () => mlpTask({ rows: 128, inputs: 64, hidden: 128, classes: 10 }),
];
function logisticTask(rows, columns) {
    const X = normals(rows * columns, 1);
    const y = normals(rows, 2).map((z, i) => (z + X[i * columns] > 0 ? 1 : -1));
    const data = { X, y, rows, columns, lambda: 1e-3 };
    return {
        name: `logistic ${rows} x ${columns}`,
        data: { group: "logistic", ...data },
        parameters: [
            { name: "w", shape: [columns] },
            { name: "b", shape: [] },
        ],
        inputs: { X: { data: X, shape: [rows, columns] }, y },
        sizes: {},
        hand: [
            {
                name: "by hand",
                lossAndGradient: (x, g) => logistic.gradient(data, x, g),
                hvp: (x, v, h) => logistic.product(data, x, v, h),
            },
            {
                name: "by hand, four rows at a time",
                lossAndGradient: (x, g) => logistic.gradientByFourRows(data, x, g),
                hvp: (x, v, h) => logistic.productByFourRows(data, x, v, h),
            },
        ],
    };
}
function rosenbrockTask(dimension) {
    return {
        name: `rosenbrock ${dimension}`,
        data: { group: "rosenbrock", dimension },
        parameters: [{ name: "x", shape: [dimension] }],
        inputs: {},
        sizes: {},
        hand: [{ name: "by hand", lossAndGradient: rosenbrock.gradient, hvp: rosenbrock.product }],
    };
}
function mlpTask(sizes) {
    const { rows, inputs, hidden, classes } = sizes;
    const uniform = uniforms(4);
    const X = normals(rows * inputs, 3);
    const label = Int32Array.from({ length: rows }, () => Math.floor(classes * uniform()));
    const data = { ...sizes, X, label };
    return {
        name: `mlp ${inputs}-${hidden}-${classes} batch ${rows}`,
        data: { group: "mlp", ...data },
        parameters: [
            { name: "W1", shape: [inputs, hidden] },
            { name: "b1", shape: [hidden] },
            { name: "W2", shape: [hidden, classes] },
            { name: "b2", shape: [classes] },
        ],
        inputs: { X: { data: X, shape: [rows, inputs] }, label },
        sizes: { h: hidden, c: classes },
        hand: [{ name: "by hand", ...handMlp(data) }],
    };
}
export const lengthOf = ({ shape }) => shape.reduce((product, size) => product * size, 1);
/** A packed vector taken apart, one copy a parameter. */
export function partsOf(task, packed) {
    let start = 0;
    return task.parameters.map((parameter) => {
        const part = packed.slice(start, start + lengthOf(parameter));
        start += part.length;
        return part;
    });
}
/** The point and the direction at which a task is computed. */
export function pointOf(task) {
    const length = task.parameters.reduce((total, parameter) => total + lengthOf(parameter), 0);
    return { x: normals(length, 5).map((z) => 0.3 * z), v: normals(length, 6) };
}
