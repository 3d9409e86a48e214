import type { Integer } from "../../ir/integer.ts";
import type { Buffer, Load, Parameter, Temporary, Value } from "../program/loops.ts";
import type { Outline } from "./outlines.ts";

/**
 * What a nest is called with, and the argument of each call: slots that have one value at every call are one parameter.
 * An array comes with the place where the nest begins in it, unless that is its first element at every call.
 */
export function parametersOf(uses: readonly Outline[]): { parameters: Parameter[]; argumentsOf: Value[][] } {
  const first = uses[0]!;
  const byValues = new Map<string, Parameter & { readonly slots: number[] }>();
  const enter = (slot: number, values: readonly string[], parameter: () => Parameter) => {
    const key = values.join("|");
    const known = byValues.get(key) ?? { ...parameter(), slots: [] };
    byValues.set(key, known);
    known.slots.push(slot);
  };
  for (const [k, slot] of first.slots.entries()) {
    const values = uses.map(({ slots }) => slots[k]!);
    if (slot.kind === "integer") {
      enter(
        k,
        values.map((each) => `i${(each.value as Integer).key}`),
        () => ({ kind: "integer", names: [] }),
      );
      continue;
    }
    if (slot.kind === "number") {
      enter(
        k,
        values.map((each) => `t${(each.value as Temporary).id}`),
        () => ({ kind: "number", temporaries: [] }),
      );
      continue;
    }
    const loads = values.map((each) => each.value as Load);
    enter(
      k,
      loads.map(({ buffer }) => `a${buffer.id}`),
      () => ({ kind: "array", buffers: [] }),
    );
    const isFirst = loads.every(({ buffer, address }) => address.value === 0 && isWhole(buffer));
    if (isFirst) continue;
    enter(
      k,
      // arrays that begin at their first element share a place, whichever they are
      loads.map(({ buffer, address }) => `p${isWhole(buffer) ? "" : buffer.id} ${address.key}`),
      () => ({ kind: "place", buffers: [] }),
    );
  }
  const known = [...byValues.values()];
  return {
    parameters: known.map((parameter) => filled(parameter, parameter.slots, first)),
    argumentsOf: uses.map(({ slots }) =>
      known.map(({ kind, slots: [slot] }): Value => {
        const { value } = slots[slot!]!;
        if (kind === "integer") return { kind, integer: value as Integer };
        if (kind === "number") return value as Temporary;
        return value as Load;
      }),
    ),
  };
}

/** True for arrays that are passed as they are: those of callers may be a part of a vector. */
const isWhole = ({ role, id }: Buffer) => (role === "workspace" || role === "table") && id >= 0;

/** The parameter with what its slots are called in the outline. */
function filled(parameter: Parameter, slots: readonly number[], { slots: all }: Outline): Parameter {
  const own = slots.map((slot) => all[slot]!);
  switch (parameter.kind) {
    case "integer":
      return { kind: "integer", names: own.flatMap((slot) => (slot.kind === "integer" ? slot.name : [])) };
    case "number":
      return { kind: "number", temporaries: own.flatMap((slot) => (slot.kind === "number" ? slot.temporary : [])) };
    default:
      return { kind: parameter.kind, buffers: own.flatMap((slot) => (slot.kind === "array" ? slot.buffer : [])) };
  }
}
