/** One hidden layer of tanh, softmax cross-entropy; parameters are packed as W1, b1, W2, b2, row-major. */
export interface MlpData {
    readonly X: Float64Array;
    readonly label: Int32Array;
    readonly rows: number;
    readonly inputs: number;
    readonly hidden: number;
    readonly classes: number;
}
/** The functions of one data set; their workspace is allocated once. */
export declare function handMlp({ X, label, rows, inputs, hidden, classes }: MlpData): {
    lossAndGradient: (x: Float64Array, g: Float64Array) => number;
    hvp: (x: Float64Array, v: Float64Array, h: Float64Array) => void;
};
