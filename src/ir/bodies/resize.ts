import { Ability } from "../extension.ts";
import type { Integer } from "../integer.ts";
import type { Kernel, Operation } from "../operation.ts";

/** An operation with its sizes changed, those in its bodies too. */
export type Resize = (operation: Exclude<Operation, Kernel>, size: (integer: Integer) => Integer) => Operation;

export const resizing = new Ability<Resize>("operations at other sizes");
