import type { TaskData } from "./tasks.ts";
/** The models of the tasks as a user writes them. */
export declare const modelTexts: Readonly<Record<TaskData["group"], string>>;
