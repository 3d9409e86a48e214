import { lazily, packed } from "./models.ts";
import type { Eval } from "./tool.ts";

const cameraLength = 11;
const pointLength = 3;

/**
 * A residual depends on one camera, one point and one weight, which are gathered first: the gradient of all residuals'
 * sum in the gathered arrays is the blocks of the sparse Jacobian.
 */
const model = lazily(
  "ba",
  `param cameras: [n, 11], points: [m, 3], weights: [p]
data seen: [p, 2], camera: int[p] within 0..n, point: int[p] within 0..m
let C = [o, i: cameras[camera[o], i]]
let P = [o, i: points[point[o], i]]
let w = weights
# from the camera's centre, turned about its axis (angle and axis in one vector), by Rodrigues' formula
let X = [o, i in 0..3: P[o, i] - C[o, 3 + i]]
let square = [o: C[o, 0]^2 + C[o, 1]^2 + C[o, 2]^2]
let turned = [o in 0..p, i in 0..3: {
  let cross = C[o, mod(i + 1, 3)] * X[o, mod(i + 2, 3)] - C[o, mod(i + 2, 3)] * X[o, mod(i + 1, 3)]
  return if square[o] > 0 then {
    let angle = sqrt(square[o])
    let along = (C[o, 0] * X[o, 0] + C[o, 1] * X[o, 1] + C[o, 2] * X[o, 2]) / square[o]
    return X[o, i] * cos(angle) + cross * sin(angle) / angle + C[o, i] * along * (1 - cos(angle))
  } else X[o, i] + cross
}]
let flat = [o, i in 0..2: turned[o, i] / turned[o, 2]]
let radius = [o: flat[o, 0]^2 + flat[o, 1]^2]
let projected = [o, i: flat[o, i] * (1 + C[o, 9] * radius[o] + C[o, 10] * radius[o]^2) * C[o, 6] + C[o, 7 + i]]
output error = [o, i: w[o] * (projected[o, i] - seen[o, i])]
output weightError = [o: 1 - w[o]^2]
let across = sum(error[:, 0])
let down = sum(error[:, 1])
output acrossCamera = grad(across, C)
output acrossPoint = grad(across, P)
output acrossWeight = grad(across, w)
output downCamera = grad(down, C)
output downPoint = grad(down, P)
output downWeight = grad(down, w)
output weightSlope = grad(sum(weightError), w)`,
);

interface Input {
  readonly n: number;
  readonly m: number;
  readonly p: number;
  readonly cam: readonly number[];
  readonly x: readonly number[];
  readonly w: number;
  readonly feat: readonly number[];
}

/** One camera, one point and one observation, repeated: the input in full. */
function bound({ n, m, p, cam, x, w, feat }: Input) {
  const repeated = (values: readonly number[], times: number) => Array.from({ length: times }, () => values);
  const turns = (length: number) => Int32Array.from({ length: p }, (_, o) => o % length);
  const camera = turns(n);
  const point = turns(m);
  const model_ = model().bind({ seen: { data: packed(repeated(feat, p)), shape: [p, 2] }, camera, point }, { n, m });
  return { model: model_, at: packed(repeated(cam, n), repeated(x, m), new Array<number>(p).fill(w)), camera, point };
}

/** Reprojection errors, and their Jacobian in compressed rows. */
export const ba: Eval<Input> = {
  objective: (input) => {
    const { model, at } = bound(input);
    const { lengths, run } = model.outputFunction(["error", "weightError"], { reads: true });
    const arrays = lengths.map((length) => new Float64Array(length));
    const [error, weightError] = arrays as [Float64Array, Float64Array];
    return {
      run: () => run(at, arrays),
      output: () => ({
        reproj_error: { elements: Array.from(error.subarray(0, 2)), repeated: input.p },
        w_err: { element: weightError[0], repeated: input.p },
      }),
    };
  },
  jacobian: (input) => {
    const { model, at, camera, point } = bound(input);
    const { n, m, p } = input;
    const names = [
      "acrossCamera",
      "acrossPoint",
      "acrossWeight",
      "downCamera",
      "downPoint",
      "downWeight",
      "weightSlope",
    ];
    const { lengths, run } = model.outputFunction(names, { reads: true });
    const blocks = lengths.map((length) => new Float64Array(length));
    const width = cameraLength + pointLength + 1;
    const rows = new Int32Array(3 * p + 1);
    const cols = new Int32Array(2 * width * p + p);
    const vals = new Float64Array(cols.length);
    const [ofPoints, ofWeights] = [cameraLength * n, cameraLength * n + pointLength * m];
    /** The row of an observation across or down: from `at` on. */
    const fillRow = (o: number, at: number, ofCamera: Float64Array, ofPoint: Float64Array, ofWeight: Float64Array) => {
      const [camera_, point_] = [cameraLength * camera[o]!, ofPoints + pointLength * point[o]!];
      for (let i = 0; i < cameraLength; i++) {
        cols[at + i] = camera_ + i;
        vals[at + i] = ofCamera[cameraLength * o + i]!;
      }
      for (let i = 0; i < pointLength; i++) {
        cols[at + cameraLength + i] = point_ + i;
        vals[at + cameraLength + i] = ofPoint[pointLength * o + i]!;
      }
      cols[at + width - 1] = ofWeights + o;
      vals[at + width - 1] = ofWeight[o]!;
    };
    const [acrossCamera, acrossPoint, acrossWeight, downCamera, downPoint, downWeight, slope] =
      blocks as Float64Array[];
    const fillRows = () => {
      for (let o = 0; o < p; o++) {
        const at = 2 * width * o;
        fillRow(o, at, acrossCamera!, acrossPoint!, acrossWeight!);
        fillRow(o, at + width, downCamera!, downPoint!, downWeight!);
        rows[2 * o + 1] = at + width;
        rows[2 * o + 2] = at + 2 * width;
      }
      for (let o = 0; o < p; o++) {
        const at = 2 * width * p + o;
        cols[at] = ofWeights + o;
        vals[at] = slope![o]!;
        rows[2 * p + o + 1] = at + 1;
      }
    };
    // the input is one observation repeated, so that the rows of the first one tell all; and the last entry
    const shown = (values: Int32Array | Float64Array) => [...values.subarray(0, 2 * width), values.at(-1)];
    return {
      run: () => {
        run(at, blocks);
        fillRows();
      },
      output: () => ({ rows: shown(rows), cols: shown(cols), vals: shown(vals) }),
    };
  },
};
