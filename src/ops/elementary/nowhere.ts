import { unary } from "../define.ts";

/**
 * NaN, of which every slope is NaN too: what a form is where what it stands for has no value. Rules alone make it, so it is not
 * among the registered operations.
 */
export const nowhere = unary("nowhere", {
  units: "a -> a",
  isOpaque: true,
  real: () => Number.NaN,
  complex: () => ({ re: Number.NaN, im: Number.NaN }),
  partial: (x) => nowhere(x),
  print: () => "NaN",
  cost: 0,
});
