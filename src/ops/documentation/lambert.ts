import type { PrimitiveDocumentation } from "../../ir/primitive.ts";

export const lambert: Readonly<Record<string, PrimitiveDocumentation>> = {
  lambertw: {
    summary: "Lambert W, principal branch: the w >= -1 with w e^w = x; NaN below -1/e",
    derivative: "e^-z / (1 + z)",
    kink: "slope Infinity at -1/e",
    reference: "DLMF 4.13",
  },
  lambertwRise: {
    summary: "1 + lambertw(x), without cancellation near -1/e",
    derivative: "lambertwSlope(x)",
    kink: "slope Infinity at -1/e",
  },
  lambertwSlope: {
    summary: "the derivative of lambertw, e^-w / (1 + w)",
    derivative: "-z^2 (1 + 1 / lambertwRise(x))",
    kink: "Infinity at -1/e",
  },
  wrightomega: {
    summary: "lambertw(e^x) without overflow: the w with w + log(w) = x",
    derivative: "z / (1 + z)",
    reference: "DLMF 4.13",
  },
  wrightomegaSlope: { summary: "w / (1 + w) of w = wrightomega(x)", derivative: "z / (1 + w)^2" },
};
