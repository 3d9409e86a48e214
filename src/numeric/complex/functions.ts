import { isNearlyReal, real, scaled, singular } from "./arithmetic.ts";
import type { Complex } from "./complex.ts";

// Each function continues the real one analytically from the real axis: NaN where the real function is NaN, the real
// function's own value where the imaginary part is too small to change it, and an imaginary part computed from the
// geometry of the function, never from its derivative. Inverse functions follow Kahan (1987), Branch cuts for complex
// elementary functions.

const notDefined: Complex = { re: Number.NaN, im: Number.NaN };

export function exp(z: Complex): Complex {
  return polar(Math.exp(z.re), z.im);
}

export function exp2(z: Complex): Complex {
  return polar(2 ** z.re, z.im * Math.LN2);
}

/** A number by modulus and angle: of no length it is 0, also where the angle is infinite. */
function polar(modulus: number, angle: number): Complex {
  if (modulus === 0) return real(0);
  return { re: modulus * Math.cos(angle), im: scaled(Math.sin(angle), modulus) };
}

export function expm1(z: Complex): Complex {
  if (z.re < -800) return real(-1);
  const half = Math.sin(z.im / 2);
  return {
    re: Math.expm1(z.re) * Math.cos(z.im) - 2 * half * half,
    im: scaled(Math.sin(z.im), Math.exp(z.re)),
  };
}

export function log(z: Complex): Complex {
  return logarithm(z, Math.log, 1);
}

export function log2(z: Complex): Complex {
  return logarithm(z, Math.log2, Math.LOG2E);
}

export function log10(z: Complex): Complex {
  return logarithm(z, Math.log10, Math.LOG10E);
}

/** log in some base: `scale` is one over the natural logarithm of the base. */
function logarithm(z: Complex, ofReal: (x: number) => number, scale: number): Complex {
  if (!(z.re > 0)) return singular(ofReal(z.re), z);
  return { re: isNearlyReal(z) ? ofReal(z.re) : logModulus(z) * scale, im: angle(z) * scale };
}

/** log |z|; by log1p near the unit circle. */
function logModulus(z: Complex): number {
  const modulus = Math.hypot(z.re, z.im);
  if (modulus < 0.5 || modulus > 2) return Math.log(modulus);
  return Math.log1p((z.re - 1) * (z.re + 1) + z.im * z.im) / 2;
}

function angle(z: Complex): number {
  return z.im === 0 ? 0 : Math.atan2(z.im, z.re);
}

export function log1p(z: Complex): Complex {
  if (!(z.re > -1)) return singular(Math.log1p(z.re), z);
  const shifted = { re: 1 + z.re, im: z.im };
  if (isNearlyReal(z, shifted.re)) return { re: Math.log1p(z.re), im: angle(shifted) };
  const excess = z.re * (2 + z.re) + z.im * z.im;
  return { re: Math.log1p(excess) / 2, im: angle(shifted) };
}

export function sqrt(z: Complex): Complex {
  if (!(z.re > 0)) return singular(Math.sqrt(z.re), z);
  const re = isNearlyReal(z) ? Math.sqrt(z.re) : Math.sqrt((Math.hypot(z.re, z.im) + z.re) / 2);
  return { re, im: z.im === 0 ? 0 : z.im / (2 * re) };
}

/** Negative numbers are reflected: cbrt is odd. */
export function cbrt(z: Complex): Complex {
  if (z.re === 0) return singular(z.re, z);
  if (z.re < 0) {
    const { re, im } = cbrt({ re: -z.re, im: -z.im });
    return { re: -re, im: -im };
  }
  const modulus = isNearlyReal(z) ? Math.cbrt(z.re) : Math.cbrt(Math.hypot(z.re, z.im));
  const third = angle(z) / 3;
  return { re: modulus * Math.cos(third), im: scaled(Math.sin(third), modulus) };
}

/**
 * z^w by modulus and angle. A negative base needs a real whole exponent and is reflected: the noise of sin(p pi) would
 * swamp the imaginary part. With a varying exponent it has a value there and no derivative.
 */
export function pow(z: Complex, w: Complex): Complex {
  const value = z.re ** w.re;
  if (z.re === 0) return powerOfZero(value, z, w);
  if (z.re < 0) {
    if (w.im !== 0 || Number.isNaN(value)) return singular(value, z, w);
    const reflected = pow({ re: -z.re, im: -z.im }, w);
    return w.re % 2 === 0 ? reflected : { re: -reflected.re, im: -reflected.im };
  }
  const isReal = isNearlyReal(z);
  const turn = scaled(angle(z), w.re) + scaled(w.im, isReal ? Math.log(z.re) : logModulus(z));
  let modulus = isReal ? value : Math.hypot(z.re, z.im) ** w.re;
  if (z.im !== 0 && w.im !== 0) modulus *= Math.exp(-w.im * angle(z));
  return { re: modulus * Math.cos(turn), im: scaled(Math.sin(turn), modulus) };
}

/** 0^w: flat for w > 1 and along w > 0, the identity for w = 1, constant for w = 0; otherwise there is no slope. */
function powerOfZero(value: number, z: Complex, w: Complex): Complex {
  const alongBase = z.im === 0 || w.re > 1 || w.re === 0 ? 0 : w.re === 1 ? z.im : Number.NaN;
  const alongExponent = w.im === 0 || w.re > 0 ? 0 : Number.NaN;
  return { re: value, im: alongBase + alongExponent };
}

/** sqrt(z^2 + w^2 + ...), scaled by a power of two; 0 at the origin. */
export function hypot(...operands: readonly Complex[]): Complex {
  const re = Math.hypot(...operands.map((z) => z.re));
  const large = Math.max(...operands.map((z) => Math.abs(z.re)));
  if (large === 0 || !Number.isFinite(re) || operands.every(({ im }) => im === 0)) return real(re);
  const scale = 2 ** -Math.max(-1000, Math.min(1000, Math.floor(Math.log2(large))));
  const sum = { re: 0, im: 0 };
  for (const z of operands) {
    const [a, b] = [z.re * scale, z.im * scale];
    sum.re += (a - b) * (a + b);
    sum.im += 2 * a * b;
  }
  const root = sqrt(sum);
  const isReal = operands.every((z) => isNearlyReal(z, large));
  return { re: isReal ? re : root.re / scale, im: root.im / scale };
}

export function sin(z: Complex): Complex {
  return {
    re: Math.sin(z.re) * Math.cosh(z.im),
    im: scaled(Math.sinh(z.im), Math.cos(z.re)),
  };
}

export function cos(z: Complex): Complex {
  return {
    re: Math.cos(z.re) * Math.cosh(z.im),
    im: scaled(-Math.sinh(z.im), Math.sin(z.re)),
  };
}

/** (t + i h) / (1 - i t h) with t = tan a, h = tanh b. */
export function tan(z: Complex): Complex {
  const t = Math.tan(z.re);
  const h = Math.tanh(z.im);
  const denominator = 1 + t * h * (t * h);
  return { re: (t * (1 - h * h)) / denominator, im: (h / denominator) * (1 + t * t) };
}

/** asin: im = asinh(Im(conj(sqrt(1 - z)) sqrt(1 + z))). */
export function asin(z: Complex): Complex {
  if (!(Math.abs(z.re) < 1)) return singular(Math.asin(z.re), z);
  const low = sqrt({ re: 1 - z.re, im: -z.im });
  const high = sqrt({ re: 1 + z.re, im: z.im });
  const isReal = isNearlyReal(z, 1 - Math.abs(z.re));
  return {
    re: isReal ? Math.asin(z.re) : Math.atan(z.re / (low.re * high.re - low.im * high.im)),
    im: Math.asinh(low.re * high.im - low.im * high.re),
  };
}

/** acos: re = 2 atan(Re sqrt(1 - z) / Re sqrt(1 + z)). */
export function acos(z: Complex): Complex {
  if (!(Math.abs(z.re) < 1)) return singular(Math.acos(z.re), z);
  const low = sqrt({ re: 1 - z.re, im: -z.im });
  const high = sqrt({ re: 1 + z.re, im: z.im });
  const isReal = isNearlyReal(z, 1 - Math.abs(z.re));
  return {
    re: isReal ? Math.acos(z.re) : 2 * Math.atan2(low.re, high.re),
    im: Math.asinh(high.re * low.im - high.im * low.re),
  };
}

/** atan: im = log1p(4b / (a^2 + (1-b)^2)) / 4; the quotient is formed after division by a where a is large. */
export function atan(z: Complex): Complex {
  const { re: a, im: b } = z;
  if (b === 0 || !Number.isFinite(a)) return real(Math.atan(a));
  const scale = Math.max(1, Math.abs(a));
  const ratio = ((b / scale) * 4) / ((a / scale) * a + ((1 - b) / scale) * (1 - b));
  const re = isNearlyReal(z, 1) ? Math.atan(a) : Math.atan2(2 * a, (1 - a) * (1 + a) - b * b) / 2;
  return { re, im: Math.log1p(ratio) / 4 };
}

/** The angle of (x, y): the real atan2, moved by what atan(y / x) or -atan(x / y) adds to its value at the real parts. */
export function atan2(y: Complex, x: Complex): Complex {
  const re = Math.atan2(y.re, x.re);
  if (y.im === 0 && x.im === 0) return real(re);
  if (x.re === 0 && y.re === 0) return singular(re, y, x);
  const isFlat = Math.abs(x.re) >= Math.abs(y.re);
  const [small, large] = isFlat ? [y, x] : [x, y];
  // small / large, by Smith's quotient: |large| is the greater, so that it is never near zero
  const slope = large.im / large.re;
  const denominator = large.re + large.im * slope;
  const turned = atan({
    re: (small.re + scaled(small.im, slope)) / denominator,
    im: (small.im - (small.re / large.re) * large.im) / denominator,
  });
  const added = turned.re - Math.atan(small.re / large.re);
  return isFlat ? { re: re + added, im: turned.im } : { re: re - added, im: -turned.im };
}

export function sinh(z: Complex): Complex {
  return { re: Math.sinh(z.re) * Math.cos(z.im), im: scaled(Math.sin(z.im), Math.cosh(z.re)) };
}

export function cosh(z: Complex): Complex {
  return { re: Math.cosh(z.re) * Math.cos(z.im), im: scaled(Math.sin(z.im), Math.sinh(z.re)) };
}

/** tanh, Kahan: with t = tan b, s = sinh a, c = cosh a: (c s (1 + t^2) + i t) / (1 + s^2 (1 + t^2)). */
export function tanh(z: Complex): Complex {
  if (Math.abs(z.re) > 22) {
    const decay = Math.exp(-2 * Math.abs(z.re));
    if (decay === 0) return real(Math.sign(z.re));
    return { re: Math.sign(z.re), im: scaled(4 * Math.sin(z.im) * Math.cos(z.im), decay) };
  }
  const t = Math.tan(z.im);
  const s = Math.sinh(z.re);
  const beta = 1 + t * t;
  const denominator = 1 + beta * s * s;
  return {
    re: isNearlyReal(z, 1) ? Math.tanh(z.re) : (beta * Math.cosh(z.re) * s) / denominator,
    im: t / denominator,
  };
}

/** asinh z = -i asin(i z). */
export function asinh(z: Complex): Complex {
  if (z.im === 0) return real(Math.asinh(z.re));
  const low = sqrt({ re: 1 + z.im, im: -z.re });
  const high = sqrt({ re: 1 - z.im, im: z.re });
  return {
    re: isNearlyReal(z, 1) ? Math.asinh(z.re) : Math.asinh(low.re * high.im - low.im * high.re),
    im: Math.atan(z.im / (low.re * high.re - low.im * high.im)),
  };
}

/** acosh: im = 2 atan(Im sqrt(z - 1) / Re sqrt(z + 1)). */
export function acosh(z: Complex): Complex {
  if (!(z.re > 1)) return singular(Math.acosh(z.re), z);
  const low = sqrt({ re: z.re - 1, im: z.im });
  const high = sqrt({ re: z.re + 1, im: z.im });
  return {
    re: isNearlyReal(z, z.re - 1) ? Math.acosh(z.re) : Math.asinh(low.re * high.re + low.im * high.im),
    im: 2 * Math.atan(low.im / high.re),
  };
}

/** atanh: im = atan2(2b, (1-a)(1+a) - b^2) / 2. */
export function atanh(z: Complex): Complex {
  if (!(Math.abs(z.re) < 1)) return singular(Math.atanh(z.re), z);
  const { re: a, im: b } = z;
  if (b === 0) return real(Math.atanh(a));
  const isReal = isNearlyReal(z, 1 - Math.abs(a));
  return {
    re: isReal ? Math.atanh(a) : Math.log1p((4 * a) / ((1 - a) ** 2 + b * b)) / 4,
    im: Math.atan2(2 * b, (1 - a) * (1 + a) - b * b) / 2,
  };
}

/** abs: -z left of zero, z right of it; 0 at 0, by the convention of its derivative. */
export function abs(z: Complex): Complex {
  return { re: Math.abs(z.re), im: z.re > 0 ? z.im : z.re < 0 ? -z.im : scaled(z.im, z.re) };
}

/** The operand with the larger real part; their mean at a tie. */
export function max(z: Complex, w: Complex): Complex {
  return extreme(Math.max(z.re, w.re), z, w);
}

/** The operand with the smaller real part; their mean at a tie. */
export function min(z: Complex, w: Complex): Complex {
  return extreme(Math.min(z.re, w.re), z, w);
}

function extreme(value: number, z: Complex, w: Complex): Complex {
  if (Number.isNaN(value)) return notDefined;
  if (z.re === w.re) return { re: value, im: (z.im + w.im) / 2 };
  return { re: value, im: z.re === value ? z.im : w.im };
}
