/**
 * A convolution of 3 x 3 with stride 2, relu, a dense layer, softmax cross-entropy; parameters are packed as F, a, W, b:
 * filters [3, 3, channels], their biases, weights [side, side, channels, classes], their biases.
 */
export interface CnnData {
  readonly images: Float64Array;
  readonly label: Int32Array;
  readonly rows: number;
  /** Pixels along an edge of an image. */
  readonly pixels: number;
  readonly channels: number;
  readonly classes: number;
}

const window = 3;
const stride = 2;

/** The functions of one data set; one image passes through at a time, and all its workspace stays in the cache. */
export function handCnn({ images, label, rows, pixels, channels, classes }: CnnData) {
  const side = Math.floor((pixels - window) / stride) + 1;
  const features = side * side * channels;
  const atA = window * window * channels;
  const atW = atA + channels;
  const atB = atW + features * classes;
  const length = atB + classes;
  const Z = new Float64Array(features);
  const RZ = new Float64Array(features);
  const D = new Float64Array(features);
  const RD = new Float64Array(features);
  const O = new Float64Array(classes);
  const RO = new Float64Array(classes);
  const S = new Float64Array(classes);

  /** target = F * image + a, without relu. */
  function convolve(image: number, p: Float64Array, target: Float64Array): void {
    for (let x = 0, at = 0; x < side; x++) {
      for (let y = 0; y < side; y++, at += channels) {
        for (let k = 0; k < channels; k++) target[at + k] = p[atA + k]!;
        for (let u = 0; u < window; u++) {
          for (let v = 0; v < window; v++) {
            const pixel = images[image + (stride * x + u) * pixels + stride * y + v]!;
            const filter = (u * window + v) * channels;
            for (let k = 0; k < channels; k++) target[at + k] = target[at + k]! + p[filter + k]! * pixel;
          }
        }
      }
    }
  }

  /** g += what a slope in the convolution's result means for filters and biases. */
  function collect(image: number, slope: Float64Array, g: Float64Array): void {
    for (let x = 0, at = 0; x < side; x++) {
      for (let y = 0; y < side; y++, at += channels) {
        for (let k = 0; k < channels; k++) g[atA + k] = g[atA + k]! + slope[at + k]!;
        for (let u = 0; u < window; u++) {
          for (let v = 0; v < window; v++) {
            const pixel = images[image + (stride * x + u) * pixels + stride * y + v]!;
            const filter = (u * window + v) * channels;
            for (let k = 0; k < channels; k++) g[filter + k] = g[filter + k]! + pixel * slope[at + k]!;
          }
        }
      }
    }
  }

  /** O += features times weights, skipping features that relu cuts off. */
  function dense(feature: Float64Array, p: Float64Array, target: Float64Array): void {
    for (let f = 0; f < features; f++) {
      if (!(Z[f]! > 0)) continue;
      const value = feature[f]!;
      const row = atW + f * classes;
      for (let c = 0; c < classes; c++) target[c] = target[c]! + value * p[row + c]!;
    }
  }

  /** S = softmax of O; returns the cross-entropy. */
  function softmax(chosen: number): number {
    let largest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) if (O[c]! > largest) largest = O[c]!;
    let total = 0;
    for (let c = 0; c < classes; c++) {
      S[c] = Math.exp(O[c]! - largest);
      total += S[c]!;
    }
    for (let c = 0; c < classes; c++) S[c] = S[c]! / total;
    return Math.log(total) + largest - O[chosen]!;
  }

  function lossAndGradient(p: Float64Array, g: Float64Array): number {
    g.fill(0);
    let loss = 0;
    for (let row = 0; row < rows; row++) {
      const image = row * pixels * pixels;
      convolve(image, p, Z);
      for (let c = 0; c < classes; c++) O[c] = p[atB + c]!;
      dense(Z, p, O);
      loss += softmax(label[row]!);
      for (let c = 0; c < classes; c++) {
        O[c] = (S[c]! - (c === label[row]! ? 1 : 0)) / rows;
        g[atB + c] = g[atB + c]! + O[c]!;
      }
      for (let f = 0; f < features; f++) {
        const value = Z[f]!;
        let slope = 0;
        if (value > 0) {
          const at = atW + f * classes;
          for (let c = 0; c < classes; c++) {
            g[at + c] = g[at + c]! + value * O[c]!;
            slope += p[at + c]! * O[c]!;
          }
        }
        D[f] = slope;
      }
      collect(image, D, g);
    }
    return loss / rows;
  }

  /** The Hessian times d, after Pearlmutter (1994): R{.} of every line of the gradient. */
  function hvp(p: Float64Array, d: Float64Array, h: Float64Array): void {
    h.fill(0, 0, length);
    for (let row = 0; row < rows; row++) {
      const image = row * pixels * pixels;
      convolve(image, p, Z);
      convolve(image, d, RZ);
      for (let c = 0; c < classes; c++) {
        O[c] = p[atB + c]!;
        RO[c] = d[atB + c]!;
      }
      dense(Z, p, O);
      dense(RZ, p, RO);
      dense(Z, d, RO);
      softmax(label[row]!);
      let mean = 0;
      for (let c = 0; c < classes; c++) mean += S[c]! * RO[c]!;
      for (let c = 0; c < classes; c++) {
        RO[c] = (S[c]! * (RO[c]! - mean)) / rows;
        O[c] = (S[c]! - (c === label[row]! ? 1 : 0)) / rows;
        h[atB + c] = h[atB + c]! + RO[c]!;
      }
      for (let f = 0; f < features; f++) {
        const value = Z[f]!;
        const change = RZ[f]!;
        let slope = 0;
        if (value > 0) {
          const at = atW + f * classes;
          for (let c = 0; c < classes; c++) {
            h[at + c] = h[at + c]! + change * O[c]! + value * RO[c]!;
            slope += d[at + c]! * O[c]! + p[at + c]! * RO[c]!;
          }
        }
        RD[f] = slope;
      }
      collect(image, RD, h);
    }
  }

  return { lossAndGradient, hvp };
}
