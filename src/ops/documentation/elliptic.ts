import type { PrimitiveDocumentation } from "../../ir/primitive.ts";

export const elliptic: Readonly<Record<string, PrimitiveDocumentation>> = {
  ellipk: {
    summary: "complete elliptic integral of the first kind of the parameter m = k^2",
    derivative: "(E - (1 - m) z) / (2 m (1 - m)), pi/8 at 0",
    kink: "Infinity at 1",
    reference: "DLMF 19.4",
  },
  ellipe: {
    summary: "complete elliptic integral of the second kind of the parameter m = k^2",
    derivative: "(z - K) / (2 m), -pi/8 at 0",
    kink: "slope -Infinity at 1",
    reference: "DLMF 19.4",
  },
  ellipkDerivative: {
    summary: "the n-th derivative of ellipk",
    derivative: "ellipkDerivative of order n + 1",
    kink: "Infinity at 1",
    reference: "DLMF 15.10.1, 19.5.1",
  },
  ellipeDerivative: {
    summary: "the n-th derivative of ellipe",
    derivative: "ellipeDerivative of order n + 1",
    kink: "-Infinity at 1",
    reference: "DLMF 15.10.1, 19.5.2",
  },
};
