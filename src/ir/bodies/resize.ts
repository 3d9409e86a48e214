import { Ability } from "../extension.ts";
import type { Integer } from "../integer.ts";
import type { Kernel, Operation } from "../operation.ts";
import type { Body } from "./body.ts";

/** An operation with other bodies, which have other sizes, and with its own sizes changed alike. */
export type Resize = (
  operation: Exclude<Operation, Kernel>,
  size: (integer: Integer) => Integer,
  body: (body: Body) => Body,
) => Operation;

export const resizing = new Ability<Resize>("operations at other sizes");
