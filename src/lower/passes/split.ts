import type { Buffer, Program, Statement } from "../program/loops.ts";
import { carry, type SplitBody } from "./carried.ts";
import { ShortBodies } from "./short-bodies.ts";
import { cutPositions, largestPart, surveyOf } from "./survey.ts";

/**
 * What operations in loops count in a function with vectors, where a loop is written several times over. V8 gives registers to
 * a function of more than about 8,000 values in a cheaper way: one of the products in an MLP ran at 0.7 of its speed.
 */
export const loopsWithVectors = 3;

/**
 * Cuts a long body between top-level statements; temporaries that later parts use travel through a buffer. `inLoops`: what an
 * operation in a loop counts.
 */
export function splitBody(body: readonly Statement[], nextBufferId: number, inLoops = 1): SplitBody {
  const survey = surveyOf(body);
  const sizes = survey.operations;
  let total = 0;
  for (let k = 0; k < sizes.length; k++) {
    if (inLoops > 1 && body[k]!.kind === "for") sizes[k]! *= inLoops;
    total += sizes[k]!;
  }
  if (total <= 1.5 * largestPart) return { parts: [body], carried: undefined };
  const cuts = cutPositions(body, survey, [0, body.length]);
  if (cuts.length === 0) return { parts: [body], carried: undefined };
  const ranges = [0, ...cuts].map((start, k) => body.slice(start, cuts[k] ?? body.length));
  return carry(ranges, survey, nextBufferId);
}

/**
 * A program, and each of its routines, in parts that are functions of their own, and so are the parts of long bodies of loops.
 * `inLoops`: see above; loops with vectors stay whole.
 */
export function inParts(program: Program, inLoops = 1): Program {
  const added: Buffer[] = [];
  const first = program.buffers.reduce((most, { id }) => Math.max(most, id), -1) + 1;
  const nextBuffer = () => first + added.length;
  const bodies = inLoops > 1 ? undefined : new ShortBodies(program, nextBuffer, added);
  const split = <T extends Pick<Program, "parts">>(whole: T): T => {
    const statements = whole.parts.length === 1 ? whole.parts[0]! : whole.parts.flat();
    const { parts, carried } = splitBody(bodies?.within(statements) ?? statements, nextBuffer(), inLoops);
    if (carried) added.push(carried);
    return { ...whole, parts };
  };
  const routines = program.routines.map(split);
  return { ...split(program), routines, buffers: [...program.buffers, ...added] };
}
