import type { Inputs } from "../../src/compile/inputs.ts";
import * as logistic from "./hand/logistic.ts";
import { type MlpData } from "./hand/mlp.ts";
/** What a hand-written program offers; vectors are packed in the order of the parameters. */
export interface Hand {
    readonly name: string;
    readonly lossAndGradient: (x: Float64Array, g: Float64Array) => number;
    readonly hvp: (x: Float64Array, v: Float64Array, h: Float64Array) => void;
}
/** The data in the form that every contender builds its own from. */
export type TaskData = ({
    readonly group: "logistic";
} & logistic.LogisticData) | {
    readonly group: "rosenbrock";
    readonly dimension: number;
} | ({
    readonly group: "mlp";
} & MlpData);
export interface Parameter {
    readonly name: string;
    readonly shape: readonly number[];
}
export interface Task {
    readonly name: string;
    readonly data: TaskData;
    readonly parameters: readonly Parameter[];
    /** The data and sizes that nabla's model is bound to. */
    readonly inputs: Inputs;
    readonly sizes: Readonly<Record<string, number>>;
    /** The first is the unit of all ratios. */
    readonly hand: readonly Hand[];
}
export declare const tasks: readonly (() => Task)[];
export declare const lengthOf: ({ shape }: Parameter) => number;
/** A packed vector taken apart, one copy a parameter. */
export declare function partsOf<Vector extends Float64Array | Float32Array>(task: Task, packed: Vector): Vector[];
/** The point and the direction at which a task is computed. */
export declare function pointOf(task: Task): {
    x: Float64Array;
    v: Float64Array;
};
