import { describe, expect, it } from "vitest";
import { operationNamed } from "../../src/ops/registry.ts";
import { readCases } from "./cases.ts";

const { functions } = readCases<{ functions: Record<string, [operand: string, value: string][]> }>("special.json");
const u = 2 ** -53;

/** Relative errors allowed, in units of 2^-53. The default is five ulp; the rest lose more near zeros of the function. */
const allowed: Readonly<Record<string, number>> = {
  sigmoid: 6,
  softplus: 6,
  logSigmoid: 6,
  lgamma: 90,
  digamma: 90,
  trigamma: 90,
  polygamma2: 200,
  polygamma3: 90,
  polygamma5: 90,
  erfcIntegral2: 400,
  log1pMoment2: 40,
  erfRatioDerivative2: 100,
  logExpm1RatioDerivative3: 20,
  sincDerivative1: 400,
  sincDerivative2: 400,
};

describe("special functions against 20 digits", () => {
  it.each(Object.keys(functions))("hold for %s", (name) => {
    const { real } = operationNamed(name)!.primitive;
    const wrong = functions[name]!.flatMap(([operand, reference]) => {
      const [x, expected] = [Number(operand), Number(reference)];
      const error = Math.abs(real(x) - expected) / Math.max(Math.abs(expected), 2 ** -1022);
      return error <= (allowed[name] ?? 10) * u
        ? []
        : [`at ${x}: ${reference}, got ${real(x)}, ${(error / u).toFixed(1)} u`];
    });
    if (wrong.length > 0) expect.fail(wrong.join("\n"));
  });
});
