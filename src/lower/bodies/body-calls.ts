import type { Choice } from "../../ir/bodies/choice.ts";
import type { Scan } from "../../ir/bodies/scan.ts";
import type { While } from "../../ir/bodies/while.ts";
import type { Call } from "../../ir/operation.ts";
import type { EmitBodies } from "./calls.ts";
import { emitChoice } from "./choice.ts";
import { emitInline } from "./inline.ts";
import { emitScan } from "./scan.ts";
import { emitWhile } from "./while.ts";

/** The loops of loops, of the solvers of what is solved, of choices and of definitions. */
export const emitBodies: EmitBodies = (call, lowering) => {
  switch (call.operation.kind) {
    case "scan":
      emitScan(call as Call<Scan>, lowering);
      return;
    case "while":
      emitWhile(call as Call<While>, lowering);
      return;
    case "implicit":
      emitInline(call.operation.solver, call.operands, call.results, lowering);
      return;
    case "choice":
      emitChoice(call as Call<Choice>, lowering);
      return;
    case "definition":
      emitInline(call.operation.body, call.operands, call.results, lowering);
  }
};
