var __rewriteRelativeImportExtension = (this && this.__rewriteRelativeImportExtension) || function (path, preserveJsx) {
    if (typeof path === "string" && /^\.\.?\//.test(path)) {
        return path.replace(/\.(tsx)$|((?:\.d)?)((?:\.[^./]+?)?)\.([cm]?)ts$/i, function (m, tsx, d, ext, cm) {
            return tsx ? preserveJsx ? ".jsx" : ".js" : d && (!ext || !cm) ? m : (d + ext + "." + cm.toLowerCase() + "js");
        });
    }
    return path;
};
import { partsOf, pointOf } from "../tasks.js";
import { oneHot } from "./peer.js";
/** @jax-js/jax on its WebAssembly backend, under jit. */
export async function jaxJs() {
    preparePlatform();
    const specifier = "@jax-js/jax";
    const jax = (await import(__rewriteRelativeImportExtension(specifier)));
    await jax.init();
    return [
        { name: "jax-js f32", contenders: async (task) => contenders(jax, "jax-js f32", task, Float32Array) },
        { name: "jax-js f64", contenders: async (task) => contenders(jax, "jax-js f64", task, Float64Array) },
    ];
}
/** Node 20 lacks two globals that jax-js reads while it loads. */
function preparePlatform() {
    if (!("navigator" in globalThis)) {
        Object.defineProperty(globalThis, "navigator", { value: { hardwareConcurrency: 2 }, configurable: true });
    }
    if (!("Float16Array" in globalThis)) {
        Object.defineProperty(globalThis, "Float16Array", { value: class {
            }, configurable: true });
    }
}
function contenders(jax, name, task, Vector) {
    const { numpy: np } = jax;
    const dtype = Vector === Float32Array ? np.float32 : np.float64;
    const { x, v } = pointOf(task);
    const params = partsOf(task, Vector.from(x));
    const direction = partsOf(task, Vector.from(v));
    const arrayOf = (values, shape) => np.array(values, { dtype, shape });
    const arrays = (parts) => parts.map((part, k) => arrayOf(part, task.parameters[k].shape));
    const { loss, data } = lossOf(jax, task.data, (values, shape) => arrayOf(Vector.from(values), shape));
    const uses = () => data.map((array) => array.ref);
    const valueAndGrad = jax.jit(jax.valueAndGrad(loss));
    let value = [];
    let gradients = [];
    const gradient = {
        name,
        run: () => {
            const [total, parts] = valueAndGrad(arrays(params), uses());
            value = total.dataSync();
            gradients = parts.map((part) => part.dataSync());
        },
        result: () => [value[0], ...gradients.flatMap((part) => Array.from(part))],
    };
    const forward = jax.jit((point, tangent, held) => {
        const [primals, tangents] = jax.jvp((at) => jax.grad(loss)(at, held), [point], [tangent]);
        for (const primal of primals)
            dispose(primal);
        return tangents;
    });
    const slope = (point, tangent, held) => {
        const terms = jax.grad(loss)(point, held).map((part, k) => part.mul(tangent[k]).sum());
        return terms.reduce((total, term) => total.add(term));
    };
    const reverse = jax.jit((point, tangent, held) => jax.grad(slope)(point, tangent, held));
    const product = (way, hvp) => {
        let result = [];
        return {
            name: `${name}, ${way}`,
            run: () => {
                result = hvp(arrays(params), arrays(direction), uses()).map((part) => part.dataSync());
            },
            result: () => result.flatMap((part) => Array.from(part)),
        };
    };
    return {
        lossAndGradient: [gradient],
        hvp: [product("forward over reverse", forward), product("reverse over reverse", reverse)],
    };
}
function dispose(array) {
    array.dispose();
}
function lossOf({ numpy: np, nn }, data, arrayOf) {
    if (data.group === "logistic") {
        return {
            data: [arrayOf(data.X, [data.rows, data.columns]), arrayOf(data.y, [data.rows])],
            loss: ([w, b], [X, y]) => {
                const margin = np.dot(X, w.ref).add(b).mul(y);
                return nn.softplus(margin.neg()).mean().add(np.square(w).sum().mul(0.5 * data.lambda));
            },
        };
    }
    if (data.group === "rosenbrock") {
        const last = data.dimension - 1;
        return {
            data: [],
            loss: ([x]) => {
                const a = x.ref.slice([0, last]);
                const b = x.slice([1, last + 1]);
                const valley = np.square(b.sub(np.square(a.ref))).mul(100);
                return valley.add(np.square(a.neg().add(1))).sum();
            },
        };
    }
    return {
        data: [
            arrayOf(data.X, [data.rows, data.inputs]),
            arrayOf(oneHot(data.label, data.classes), [data.rows, data.classes]),
        ],
        loss: ([W1, b1, W2, b2], [X, Y]) => {
            const hidden = np.tanh(np.dot(X, W1).add(b1));
            const logits = np.dot(hidden, W2).add(b2);
            return nn.logSoftmax(logits, 1).mul(Y).sum().mul(-1 / data.rows);
        },
    };
}
