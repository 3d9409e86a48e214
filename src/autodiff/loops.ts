import type { Choice } from "../ir/bodies/choice.ts";
import type { Definition } from "../ir/bodies/definition.ts";
import type { Implicit } from "../ir/bodies/implicit.ts";
import type { Scan } from "../ir/bodies/scan.ts";
import type { While } from "../ir/bodies/while.ts";
import type { Call } from "../ir/operation.ts";
import type { BodyDerivatives } from "./calls.ts";
import { choiceCotangents, choiceTangents } from "./choice.ts";
import { definitionCotangents, definitionTangents } from "./definition.ts";
import { implicitCotangents, implicitTangents } from "./implicit.ts";
import { scanCotangents, scanTangents } from "./scan.ts";
import { whileCotangents, whileTangents } from "./while.ts";

/** The derivatives of loops, of solutions, of choices by one number and of definitions. */
export const loopDerivatives: BodyDerivatives = {
  tangents: (call, tangents, batch, sweeps) => {
    switch (call.operation.kind) {
      case "scan":
        return scanTangents(call as Call<Scan>, tangents, batch, sweeps);
      case "while":
        return whileTangents(call as Call<While>, tangents, batch, sweeps);
      case "choice":
        return choiceTangents(call as Call<Choice>, tangents, batch, sweeps);
      case "definition":
        return definitionTangents(call as Call<Definition>, tangents, batch, sweeps);
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
      case "choice":
        return choiceCotangents(call as Call<Choice>, cotangents, wanted, sweeps);
      case "definition":
        return definitionCotangents(call as Call<Definition>, cotangents, wanted, sweeps);
      default:
        return implicitCotangents(call as Call<Implicit>, cotangents, wanted, sweeps);
    }
  },
};
