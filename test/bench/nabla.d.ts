import type { BoundModel } from "../../src/compile/bound.ts";
import { type CompiledModel } from "../../src/compile/compile.ts";
import type { Contender } from "./measure.ts";
import { type Task, type TaskData } from "./tasks.ts";
/** From text to a compiled model, whose functions are built when they are first used. */
export declare function compileText(group: TaskData["group"]): CompiledModel;
export declare function bindTask(task: Task): BoundModel;
/** nabla's two forms: packed vectors (flat), and parameters by name into the caller's arrays (bound). */
export declare function nablaContenders(task: Task): {
    lossAndGradient: Contender[];
    hvp: Contender[];
};
