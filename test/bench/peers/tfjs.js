import { createRequire } from "node:module";
import { dirname } from "node:path";
import { partsOf, pointOf } from "../tasks.js";
import { oneHot } from "./peer.js";
/** @tensorflow/tfjs, float32, on its two backends for CPUs. */
export async function tfjs() {
    const require = createRequire(import.meta.url);
    const tf = require("@tensorflow/tfjs");
    const wasm = require("@tensorflow/tfjs-backend-wasm");
    wasm.setWasmPaths(`${dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`);
    tf.enableProdMode();
    return ["cpu", "wasm"].map((backend) => ({
        name: `tfjs ${backend} f32`,
        contenders: async (task) => {
            await tf.setBackend(backend);
            await tf.ready();
            return contenders(tf, `tfjs ${backend} f32`, task);
        },
    }));
}
function contenders(tf, name, task) {
    const { x, v } = pointOf(task);
    const params = partsOf(task, Float32Array.from(x));
    const direction = partsOf(task, Float32Array.from(v));
    const tensors = (parts) => parts.map((part, k) => tf.tensor(part, task.parameters[k].shape));
    const { loss, losses } = lossesOf(tf, task.data);
    let value = new Float32Array();
    let gradients = [];
    const valueAndGrads = tf.valueAndGrads(loss);
    const gradient = {
        name,
        run: () => {
            tf.tidy(() => {
                const result = valueAndGrads(tensors(params));
                value = result.value.dataSync();
                gradients = result.grads.map((part) => part.dataSync());
            });
        },
        result: () => [value[0], ...gradients.flatMap((part) => [...part])],
    };
    const products = Object.entries(losses).map(([way, twice]) => {
        let product = [];
        const grads = tf.grads(twice);
        const slope = (...point) => {
            const terms = grads(point).map((part, k) => part.mul(tf.tensor(direction[k], task.parameters[k].shape)).sum());
            return terms.reduce((total, term) => total.add(term));
        };
        const second = tf.grads(slope);
        return {
            name: way === "" ? name : `${name}, ${way}`,
            run: () => {
                tf.tidy(() => {
                    product = second(tensors(params)).map((part) => part.dataSync());
                });
            },
            result: () => product.flatMap((part) => [...part]),
        };
    });
    return { lossAndGradient: [gradient], hvp: products };
}
/** The loss, and the forms of it to try for second derivatives: not every operation has them. */
function lossesOf(tf, data) {
    const float32 = (values, shape) => tf.tensor(Float32Array.from(values), shape);
    if (data.group === "logistic") {
        const X = float32(data.X, [data.rows, data.columns]);
        const y = float32(data.y, [data.rows]);
        const loss = (w, b) => {
            const margin = X.matMul(w.reshape([data.columns, 1])).reshape([data.rows]).add(b).mul(y);
            return margin.neg().softplus().mean().add(w.square().sum().mul(0.5 * data.lambda));
        };
        return { loss, losses: { "": loss } };
    }
    if (data.group === "rosenbrock") {
        const length = data.dimension - 1;
        const loss = (x) => {
            const a = x.slice(0, length);
            const b = x.slice(1, length);
            return b.sub(a.square()).square().mul(100).add(a.mul(-1).add(1).square()).sum();
        };
        return { loss, losses: { "": loss } };
    }
    const X = float32(data.X, [data.rows, data.inputs]);
    const Y = float32(oneHot(data.label, data.classes), [data.rows, data.classes]);
    const crossEntropy = (tanh, logSoftmax) => {
        return (W1, b1, W2, b2) => {
            const logits = tanh(X.matMul(W1).add(b1)).matMul(W2).add(b2);
            return logSoftmax(logits).mul(Y).sum().mul(-1 / data.rows);
        };
    };
    const library = crossEntropy((z) => z.tanh(), (z) => z.logSoftmax());
    const ratio = (z) => z.sinh().div(z.cosh());
    const shifted = (z) => z.sub(z.exp().sum(1, true).log());
    return {
        loss: library,
        losses: {
            "": library,
            "tanh as sinh/cosh": crossEntropy(ratio, (z) => z.logSoftmax()),
            "tanh as sinh/cosh, logSoftmax by hand": crossEntropy(ratio, shifted),
            "tanh as sinh/cosh, exp as sinh + cosh": crossEntropy(ratio, (z) => z.sub(z.sinh().add(z.cosh()).sum(1, true).log())),
        },
    };
}
