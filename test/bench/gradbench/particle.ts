import { lazily } from "./models.ts";
import type { Eval } from "./tool.ts";

/** The force is a derivative inside the model, taken forwards or in reverse; so are the derivatives of a step. */
const stepText = (force: string) => `param state: [4], w, along: [4]
let x = [state[0], state[1]]
let potential = 1 / norm(x - [10, 10 - w]) + 1 / norm(x - [10, 0])
let force = ${force}
let next = [state[0] + 0.1 * state[2], state[1] + 0.1 * state[3],
  state[2] + 0.1 * force[0], state[3] + 0.1 * force[1]]
output moved = next
output tangent = jvp(next, state, along) + jvp(next, w, 1)
let pulled = dot(next, along)
output stateCotangent = grad(pulled, state)
output controlCotangent = grad(pulled, w)`;

const inForce = {
  f: lazily("forward force", stepText("[-jvp(potential, x, [1, 0]), -jvp(potential, x, [0, 1])]")),
  r: lazily("reverse force", stepText("-grad(potential, x)")),
};

/** The square of where the last straight piece meets the axis. */
const ending = lazily(
  "ending",
  `param state: [4], along: [4]
let loss = (state[0] - state[1] / state[3] * state[2])^2
output value = loss
output tangent = jvp(loss, state, along)
output cotangent = grad(loss, state)`,
);

/** The most steps of a path; one that never meets the axis has no result. */
const mostSteps = 1_000_000;
const start = [0, 8, 0.75, 0];

type Direction = keyof typeof inForce;

/** The objective of the control w, and its derivative by one sweep forwards or by one there and one back. */
class Path {
  private readonly step;
  private readonly end;
  private readonly state = new Float64Array(4);
  private readonly last = new Float64Array(8);
  private readonly point = new Float64Array(9);
  private readonly moved = [new Float64Array(4)];
  private readonly movedAlong = [new Float64Array(4), new Float64Array(4)];
  private readonly pulled = [new Float64Array(4), new Float64Array(1)];
  private readonly scalar = [new Float64Array(1)];
  private readonly scalarAlong = [new Float64Array(1), new Float64Array(1)];
  private readonly endCotangent = [new Float64Array(4)];

  constructor(inner: Direction) {
    const step = inForce[inner]().bind();
    const end = ending().bind();
    const values = { reads: true };
    this.step = {
      values: step.outputFunction(["moved"], values).run,
      forward: step.outputFunction(["moved", "tangent"], values).run,
      reverse: step.outputFunction(["stateCotangent", "controlCotangent"], values).run,
    };
    this.end = {
      values: end.outputFunction(["value"], values).run,
      forward: end.outputFunction(["value", "tangent"], values).run,
      reverse: end.outputFunction(["cotangent"], values).run,
    };
  }

  objective(w: number): number {
    this.walk(w);
    this.last.set(this.state);
    this.end.values(this.last, this.scalar);
    return this.scalar[0]![0]!;
  }

  /** d objective / d w, the tangent carried along with the state. */
  forward(w: number): number {
    const { point, movedAlong, last } = this;
    const [moved, tangent] = movedAlong as [Float64Array, Float64Array];
    point.fill(0);
    point.set(start);
    point[4] = w;
    for (let count = 0; ; count++) {
      requireEnd(count);
      this.step.forward(point, movedAlong);
      if (moved[1]! < 0) break;
      point.set(moved);
      point.set(tangent, 5);
    }
    last.set(point.subarray(0, 4));
    last.set(point.subarray(5), 4);
    this.end.forward(last, this.scalarAlong);
    return this.scalarAlong[1]![0]!;
  }

  /** d objective / d w, cotangents taken back through the states that were met. */
  reverse(w: number): number {
    const { point, pulled, last } = this;
    const states = this.walk(w);
    last.set(this.state);
    this.end.reverse(last, this.endCotangent);
    let slope = 0;
    point[4] = w;
    point.set(this.endCotangent[0]!, 5);
    for (let k = states.length - 1; k >= 0; k--) {
      point.set(states[k]!);
      this.step.reverse(point, pulled);
      slope += pulled[1]![0]!;
      point.set(pulled[0]!, 5);
    }
    return slope;
  }

  /** Euler steps until the next one would pass the axis; returns the states that were left. */
  private walk(w: number): Float64Array[] {
    const { point, moved, state } = this;
    const states: Float64Array[] = [];
    point.fill(0);
    state.set(start);
    point[4] = w;
    for (let count = 0; ; count++) {
      requireEnd(count);
      point.set(state);
      this.step.values(point, moved);
      if (moved[0]![1]! < 0) return states;
      states.push(state.slice());
      state.set(moved[0]!);
    }
  }
}

function requireEnd(steps: number): void {
  if (steps >= mostSteps) throw new Error(`the particle does not meet the axis within ${mostSteps} steps.`);
}

/** Gradient descent as the suite states it: the rate doubles after ten steps that help, halves after one that does not. */
function descend(objective: (w: number) => number, slope: (w: number) => number, from: number): number {
  let x = from;
  let value = objective(x);
  let g = slope(x);
  let helped = 0;
  let rate = 1e-5;
  for (;;) {
    if (Math.abs(g) <= 1e-5) return x;
    if (helped === 10) {
      rate *= 2;
      helped = 0;
      continue;
    }
    const next = x - rate * g;
    if (Math.abs(next - x) <= 1e-5) return x;
    const nextValue = objective(next);
    if (nextValue < value) {
      x = next;
      value = nextValue;
      g = slope(x);
      helped++;
    } else {
      rate /= 2;
      helped = 0;
    }
  }
}

const variant =
  (outer: Direction, inner: Direction) =>
  ({ w }: { readonly w: number }) => {
    const path = new Path(inner);
    const slope = outer === "f" ? (x: number) => path.forward(x) : (x: number) => path.reverse(x);
    let best = Number.NaN;
    return {
      run: () => {
        best = descend((x) => path.objective(x), slope, w);
      },
      output: () => best,
    };
  };

/** A control of a charged particle's path: derivatives of a function that takes derivatives, in all four orders. */
export const particle: Eval<{ readonly w: number }> = {
  ff: variant("f", "f"),
  fr: variant("f", "r"),
  rf: variant("r", "f"),
  rr: variant("r", "r"),
};
