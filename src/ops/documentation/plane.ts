import type { PrimitiveDocumentation } from "../../ir/primitive.ts";

export const plane: Readonly<Record<string, PrimitiveDocumentation>> = {
  radiusExcess: {
    summary: "sqrt(x^2 + y^2) - y, without cancellation",
    derivative: "x/r, -z/r with r = sqrt(x^2 + y^2)",
    kink: "slopes 0 and NaN at the origin",
  },
  otherLeg: {
    summary: "sqrt(x^2 - y^2), without overflow and cancellation",
    derivative: "x/z, -y/z",
    kink: "slope Infinity where |x| = |y|",
  },
  hypotenuseShare: {
    summary: "x / sqrt(x^2 - y^2)",
    derivative: "-y^2/r^3, x y/r^3 with r = sqrt(x^2 - y^2)",
    kink: "pole where |x| = |y|",
  },
  legShare: {
    summary: "y / sqrt(x^2 - y^2)",
    derivative: "-x y/r^3, x^2/r^3 with r = sqrt(x^2 - y^2)",
    kink: "pole where |x| = |y|",
  },
  hypotenuseExcess: {
    summary: "x - sqrt(x^2 - y^2), without cancellation",
    derivative: "-z/r, y/r with r = sqrt(x^2 - y^2)",
    kink: "slope infinite where |x| = |y|",
  },
  logPolarRadius: {
    summary: "log(sqrt(x^2 + y^2)) without overflow",
    derivative: "x / (x^2 + y^2), y / (x^2 + y^2)",
    kink: "pole at the origin: slope NaN",
  },
  slopeAngle: {
    summary: "atan(y / x), the angle of the line through the origin and (x, y); y comes first",
    derivative: "x / (x^2 + y^2), -y / (x^2 + y^2)",
    kink: "jumps where x is 0, with the slopes of both sides",
  },
  inversePowerReal: {
    summary: "the real part of (x + iy)^-n; of n = 1 it is x / (x^2 + y^2)",
    derivative: "-n Re (x + iy)^-(n+1), n Im (x + iy)^-(n+1)",
    kink: "pole at the origin: NaN",
  },
  inversePowerImaginary: {
    summary: "the imaginary part of (x + iy)^-n; of n = 1 it is -y / (x^2 + y^2)",
    derivative: "-n Im (x + iy)^-(n+1), -n Re (x + iy)^-(n+1)",
    kink: "pole at the origin: NaN",
  },
};
