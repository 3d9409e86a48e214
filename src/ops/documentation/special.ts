import type { PrimitiveDocumentation } from "../../ir/primitive.ts";

export const special: Readonly<Record<string, PrimitiveDocumentation>> = {
  xlogy: {
    summary: "x log y, 0 for x = 0",
    derivative: "log y, x/y",
    kink: "at (0, 0) slope -Infinity in x, 0 in y",
  },
  xlog1py: {
    summary: "x log(1 + y), 0 for x = 0",
    derivative: "log(1+y), x/(1+y)",
    kink: "at (0, -1) slope -Infinity in x, 0 in y",
  },
  logaddexp: {
    summary: "log(e^x + e^y)",
    derivative: "sigmoid(x - y), sigmoid(y - x)",
    kink: "1/2 each at equal infinities",
  },
  share: {
    summary: "e^x / (e^x + e^y + e^w), a softmax of three",
    derivative: "z (1 - z); minus z times the share of y, of w: shareSlope and shareProduct",
  },
  logaddexp3: { summary: "log(e^x + e^y + e^w)", derivative: "the shares of x, of y, of w" },
  otherShares: {
    summary: "(e^y + e^w) / (e^x + e^y + e^w), which is 1 - share(x, y, w)",
    derivative: "minus the share of x times z; the share of x times that of y, of w",
  },
  shareSlope: {
    summary: "share(x, y, w) otherShares(x, y, w)",
    derivative: "-z t; t times the share of x times that of y, of w, with t = share(x, y, w) - otherShares(x, y, w)",
  },
  shareProduct: {
    summary: "share(x, y, w) share(y, x, w)",
    derivative: "z times the others' shares less that of x; of y; minus twice z times the share of w",
  },
  logShare: {
    summary: "x - log(e^x + e^y + e^w), a log-softmax of three",
    derivative: "1 minus the share of x; minus the share of y, of w",
  },
};
