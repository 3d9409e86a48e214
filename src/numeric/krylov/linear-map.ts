import type { Vector } from "../vectors.ts";

/** A square matrix that is known by its products only: writes A v to `out`, which is not v. */
export type LinearMap = (v: Vector, out: Vector) => void;
