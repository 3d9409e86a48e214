import type { PrimitiveDocumentation } from "../../ir/primitive.ts";

export const activation: Readonly<Record<string, PrimitiveDocumentation>> = {
  sigmoid: { summary: "1 / (1 + e^-x)", derivative: "sigmoid(x) sigmoid(-x)" },
  sigmoidSlope: { summary: "sigmoid(x) sigmoid(-x), the slope of sigmoid", derivative: "-z tanh(x/2)" },
  logSigmoid: { summary: "log(sigmoid(x)) = -softplus(-x)", derivative: "sigmoid(-x)" },
  softplus: { summary: "log(1 + e^x)", derivative: "sigmoid(x)" },
  logit: {
    summary: "log(p / (1 - p)), the inverse of sigmoid",
    derivative: "1 / (p (1 - p))",
    kink: "poles at 0 and 1: slope Infinity",
  },
  relu: { summary: "max(x, 0)", derivative: "1 for x > 0, else 0", kink: "0 at 0" },
  leakyRelu: { summary: "x for x > 0, else a x", derivative: "1 or a; 0 or x", kink: "a at 0" },
  elu: {
    summary: "x for x > 0, else e^x - 1",
    derivative: "1 or e^x",
    kink: "slope 1 at 0, second derivative 1",
  },
  selu: {
    summary: "1.0507 x for x > 0, else 1.0507 * 1.6733 (e^x - 1)",
    derivative: "1.0507 or 1.7581 e^x",
    kink: "1.7581 at 0",
    reference: "Klambauer et al. (2017), Self-normalizing neural networks",
  },
  gelu: { summary: "x normalCdf(x)", derivative: "normalCdf(x) + x normalPdf(x)" },
  silu: { summary: "x sigmoid(x)", derivative: "siluSlope(x)" },
  siluSlope: {
    summary: "sigmoid(x) + x sigmoid(x) sigmoid(-x), the slope of silu",
    derivative: "sigmoidSlope(x) (2 - x tanh(x/2))",
  },
  mish: { summary: "x tanh(softplus(x))", derivative: "mishSlope(x)" },
  mishSlope: {
    summary: "tanh(s) + x sech2(s) sigmoid(x), s = softplus(x), the slope of mish",
    derivative: "sech2(s) (2 sigmoid(x) + x (sigmoidSlope(x) - 2 tanh(s) sigmoid(x)^2))",
  },
  softsign: { summary: "x / (1 + |x|)", derivative: "1 / (1 + |x|)^2", kink: "second derivative 0 at 0" },
  huber: {
    summary: "x^2/2 for |x| <= d, else d (|x| - d/2)",
    derivative: "x for |x| <= d, else d sign(x); max(|x| - d, 0)",
    kink: "at |x| = d the quadratic side counts; d < 0 has no quadratic side",
  },
};
