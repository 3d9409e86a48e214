// nabla/vitest: importing it adds matchers to vitest's expect.

import { expect } from "vitest";
import { type CheckOptions, checkModel } from "./check/check.ts";
import { formatReport } from "./check/report.ts";
import type { CompilableModel } from "./compile/compile.ts";

interface DerivativeMatchers {
  /**
   * Checks the derivatives of a model at random points, as `checkModel` of nabla/check does. Asynchronous:
   * `await expect(model).toHaveCorrectDerivatives()`.
   */
  toHaveCorrectDerivatives(options?: CheckOptions): Promise<void>;
}

declare module "vitest" {
  interface Matchers<T> extends DerivativeMatchers {}
}

expect.extend({
  async toHaveCorrectDerivatives(model: CompilableModel, options?: CheckOptions) {
    const report = await checkModel(model, options);
    return { pass: report.passed, message: () => formatReport(report) };
  },
});
