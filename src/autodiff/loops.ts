import type { Implicit } from "../ir/implicit.ts";
import type { Call } from "../ir/operation.ts";
import type { Scan } from "../ir/scan.ts";
import type { While } from "../ir/while.ts";
import type { BodyDerivatives } from "./calls.ts";
import { implicitCotangents, implicitTangents } from "./implicit.ts";
import { scanCotangents, scanTangents } from "./scan.ts";
import { whileCotangents, whileTangents } from "./while.ts";

/** The derivatives of loops and of solutions. */
export const loopDerivatives: BodyDerivatives = {
  tangents: (call, tangents, batch, sweeps) => {
    switch (call.operation.kind) {
      case "scan":
        return scanTangents(call as Call<Scan>, tangents, batch, sweeps);
      case "while":
        return whileTangents(call as Call<While>, tangents, batch, sweeps);
      default:
        return implicitTangents(call as Call<Implicit>, tangents, batch, sweeps);
    }
  },
  cotangents: (call, cotangents, wanted, sweeps) => {
    switch (call.operation.kind) {
      case "scan":
        return scanCotangents(call as Call<Scan>, cotangents, wanted, sweeps);
      case "while":
        return whileCotangents(call as Call<While>, cotangents, wanted, sweeps);
      default:
        return implicitCotangents(call as Call<Implicit>, cotangents, wanted, sweeps);
    }
  },
};
