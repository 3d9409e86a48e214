import { type Layout, multiply } from "./matmul.ts";

/** One hidden layer of tanh, softmax cross-entropy; parameters are packed as W1, b1, W2, b2, row-major. */
export interface MlpData {
  readonly X: Float64Array;
  readonly label: Int32Array;
  readonly rows: number;
  readonly inputs: number;
  readonly hidden: number;
  readonly classes: number;
}

const rowMajor = (columns: number, start = 0): Layout => ({ start, rowStep: columns, columnStep: 1 });
const transposed = (columns: number, start = 0): Layout => ({ start, rowStep: 1, columnStep: columns });

/** The functions of one data set; their workspace is allocated once. */
export function handMlp({ X, label, rows, inputs, hidden, classes }: MlpData) {
  const atB1 = inputs * hidden;
  const atW2 = atB1 + hidden;
  const atB2 = atW2 + hidden * classes;
  const layoutX = rowMajor(inputs);
  const layoutXt = transposed(inputs);
  const layoutW1 = rowMajor(hidden);
  const layoutW2 = rowMajor(classes, atW2);
  const layoutW2t = transposed(classes, atW2);
  const layoutH = rowMajor(hidden);
  const layoutHt = transposed(hidden);
  const layoutO = rowMajor(classes);
  const intoHidden = [rows, inputs, hidden] as const;
  const intoOutput = [rows, hidden, classes] as const;
  const backToHidden = [rows, classes, hidden] as const;
  const slopeOfW1 = [inputs, rows, hidden] as const;
  const slopeOfW2 = [hidden, rows, classes] as const;
  const H = new Float64Array(rows * hidden);
  const dH = new Float64Array(rows * hidden);
  const O = new Float64Array(rows * classes);
  const RH = new Float64Array(rows * hidden);
  const RdH = new Float64Array(rows * hidden);
  const RO = new Float64Array(rows * classes);

  /** H = tanh(X W1 + b1) and O = H W2, without b2. */
  function forward(x: Float64Array): void {
    multiply(intoHidden, X, layoutX, x, layoutW1, H, layoutH);
    for (let row = 0, at = 0; row < rows; row++) {
      for (let j = 0; j < hidden; j++, at++) H[at] = Math.tanh(H[at]! + x[atB1 + j]!);
    }
    multiply(intoOutput, H, layoutH, x, layoutW2, O, layoutO);
  }

  /** O becomes the softmax of O + b2; returns the cross-entropy. */
  function softmax(x: Float64Array): number {
    let loss = 0;
    for (let row = 0; row < rows; row++) {
      const first = row * classes;
      let largest = Number.NEGATIVE_INFINITY;
      for (let c = 0; c < classes; c++) {
        const o = O[first + c]! + x[atB2 + c]!;
        O[first + c] = o;
        if (o > largest) largest = o;
      }
      const chosen = O[first + label[row]!]! - largest;
      let total = 0;
      for (let c = 0; c < classes; c++) {
        const e = Math.exp(O[first + c]! - largest);
        O[first + c] = e;
        total += e;
      }
      loss += Math.log(total) - chosen;
      const scale = 1 / total;
      for (let c = 0; c < classes; c++) O[first + c] = O[first + c]! * scale;
    }
    return loss / rows;
  }

  /** O becomes the slope of the loss in the logits: (softmax - one-hot) / rows. */
  function slopeOfLogits(): void {
    const scale = 1 / rows;
    for (let row = 0, at = 0; row < rows; row++) {
      const chosen = label[row]!;
      for (let c = 0; c < classes; c++, at++) O[at] = (c === chosen ? O[at]! - 1 : O[at]!) * scale;
    }
  }

  function lossAndGradient(x: Float64Array, g: Float64Array): number {
    forward(x);
    const loss = softmax(x);
    slopeOfLogits();
    multiply(slopeOfW2, H, layoutHt, O, layoutO, g, layoutW2);
    sumRows(O, rows, classes, g, atB2);
    multiply(backToHidden, O, layoutO, x, layoutW2t, dH, layoutH);
    for (let at = 0; at < dH.length; at++) {
      const z = H[at]!;
      dH[at] = dH[at]! * (1 - z * z);
    }
    multiply(slopeOfW1, X, layoutXt, dH, layoutH, g, layoutW1);
    sumRows(dH, rows, hidden, g, atB1);
    return loss;
  }

  /** The Hessian times v, after Pearlmutter (1994): R{.} of every line of the gradient. */
  function hvp(x: Float64Array, v: Float64Array, h: Float64Array): void {
    forward(x);
    softmax(x);
    multiply(intoHidden, X, layoutX, v, layoutW1, RH, layoutH);
    for (let row = 0, at = 0; row < rows; row++) {
      for (let j = 0; j < hidden; j++, at++) {
        const z = H[at]!;
        RH[at] = (RH[at]! + v[atB1 + j]!) * (1 - z * z);
      }
    }
    multiply(intoOutput, RH, layoutH, x, layoutW2, RO, layoutO);
    multiply(intoOutput, H, layoutH, v, layoutW2, RO, layoutO, true);
    const scale = 1 / rows;
    for (let row = 0; row < rows; row++) {
      const first = row * classes;
      let mean = 0;
      for (let c = 0; c < classes; c++) {
        const o = RO[first + c]! + v[atB2 + c]!;
        RO[first + c] = o;
        mean += O[first + c]! * o;
      }
      for (let c = 0; c < classes; c++) RO[first + c] = O[first + c]! * (RO[first + c]! - mean) * scale;
    }
    slopeOfLogits();
    multiply(slopeOfW2, RH, layoutHt, O, layoutO, h, layoutW2);
    multiply(slopeOfW2, H, layoutHt, RO, layoutO, h, layoutW2, true);
    sumRows(RO, rows, classes, h, atB2);
    multiply(backToHidden, O, layoutO, x, layoutW2t, dH, layoutH);
    multiply(backToHidden, RO, layoutO, x, layoutW2t, RdH, layoutH);
    multiply(backToHidden, O, layoutO, v, layoutW2t, RdH, layoutH, true);
    for (let at = 0; at < dH.length; at++) {
      const z = H[at]!;
      RdH[at] = RdH[at]! * (1 - z * z) - 2 * dH[at]! * z * RH[at]!;
    }
    multiply(slopeOfW1, X, layoutXt, RdH, layoutH, h, layoutW1);
    sumRows(RdH, rows, hidden, h, atB1);
  }

  return { lossAndGradient, hvp };
}

/** target[start + j] = sum_i A[i, j]. */
function sumRows(A: Float64Array, rows: number, columns: number, target: Float64Array, start: number): void {
  for (let j = 0; j < columns; j++) target[start + j] = 0;
  for (let row = 0, at = 0; row < rows; row++) {
    for (let j = 0; j < columns; j++, at++) target[start + j] = target[start + j]! + A[at]!;
  }
}
