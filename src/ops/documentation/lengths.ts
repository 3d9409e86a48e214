import type { PrimitiveDocumentation } from "../../ir/primitive.ts";

export const lengths: Readonly<Record<string, PrimitiveDocumentation>> = {
  lengthOf: {
    summary: "x sqrt(y), a length of which y is the square in units of x",
    derivative: "sqrt(y), x/(2 sqrt(y))",
    kink: "slope 0 at y = 0",
  },
  hypot: {
    summary: "sqrt(x^2 + y^2 + ...) without overflow",
    derivative: "x/z, y/z, ...",
    kink: "0 at the origin",
  },
  direction: {
    summary: "x / sqrt(x^2 + y^2)",
    derivative: "s^2/r, -z s/r with s = y/r, r = sqrt(x^2 + y^2)",
    kink: "0 at the origin, with slope 0",
  },
  directionSine: {
    summary: "y / sqrt(x^2 + y^2)",
    derivative: "-z c/r, c^2/r with c = x/r, r = sqrt(x^2 + y^2)",
    kink: "0 at the origin, with slope 0",
  },
  spaceDirection1: {
    summary: "x / r with r = sqrt(x^2 + y^2 + z^2)",
    derivative: "(v^2 + w^2)/r, -u v/r, -u w/r with (u, v, w) = (x, y, z)/r",
    kink: "0 at the origin, with slope 0",
  },
  spaceDirection2: {
    summary: "y / r with r = sqrt(x^2 + y^2 + z^2)",
    derivative: "-u v/r, (u^2 + w^2)/r, -v w/r with (u, v, w) = (x, y, z)/r",
    kink: "0 at the origin, with slope 0",
  },
  spaceDirection3: {
    summary: "z / r with r = sqrt(x^2 + y^2 + z^2)",
    derivative: "-u w/r, -v w/r, (u^2 + v^2)/r with (u, v, w) = (x, y, z)/r",
    kink: "0 at the origin, with slope 0",
  },
  polarRadius: {
    summary: "sqrt(x^2 + y^2), as fast as it looks and without overflow",
    derivative: "x/z, y/z",
    kink: "0 at the origin",
  },
  sphericalRadius: {
    summary: "sqrt(x^2 + y^2 + z^2), as fast as it looks and without overflow",
    derivative: "x/r, y/r, z/r with r the value",
    kink: "0 at the origin",
  },
};
