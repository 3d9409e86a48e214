import { type Component, dualField, type Field, realField, Tape } from "../../../src/tape.ts";
import type { Contender } from "../measure/measure.ts";
import type { Task, Vectors } from "../tasks/tasks.ts";
import type { LogisticData } from "./hand/logistic.ts";

/** Components are made once, and run forward and backward at every call. */
class LogisticTape<T> {
  readonly w: Component<T>;
  readonly b: Component<T>;
  readonly loss: Component<T>;
  private readonly tape: Tape<T>;

  constructor({ X, y, rows, columns, lambda }: LogisticData, field: Field<T>) {
    const tape = new Tape(field);
    const numbers = (values: Float64Array) => Array.from(values, (value) => field.of(value));
    this.tape = tape;
    this.w = tape.given(new Array<T>(columns).fill(field.of(0)));
    this.b = tape.given([field.of(0)], []);
    const products = tape.contract("ij,j->i", tape.given(numbers(X), [rows, columns]), this.w);
    const margin = tape.apply("mul", tape.given(numbers(y)), tape.apply("add", products, this.b));
    const total = tape.contract("i->", tape.apply("softplus", tape.apply("neg", margin)));
    const fit = tape.apply("div", total, tape.constant(rows));
    const penalty = tape.apply("mul", tape.constant(lambda / 2), tape.contract("j,j->", this.w, this.w));
    this.loss = tape.apply("add", fit, penalty);
  }

  /** Gradient entries for a packed point. */
  run(numberAt: (k: number) => T): void {
    const { w, b, tape } = this;
    const columns = w.values.length;
    for (let k = 0; k < columns; k++) w.values[k] = numberAt(k);
    b.values[0] = numberAt(columns);
    tape.forward();
    tape.backward(this.loss);
  }
}

/** The tape of nabla/tape, for the smaller regression: gradients by numbers, products with the Hessian by dual numbers. */
export function tapeContenders({ data }: Task, vectors: Vectors): { lossAndGradient: Contender[]; hvp: Contender[] } {
  if (data.group !== "logistic" || data.rows > 1000) return { lossAndGradient: [], hvp: [] };
  const { x, v, g, h } = vectors;
  const real = new LogisticTape(data, realField);
  const dual = new LogisticTape(data, dualField);
  return {
    lossAndGradient: [
      {
        name: "tape of numbers",
        run: () => {
          real.run((k) => x[k]!);
          g.set([...real.w.grad, ...real.b.grad]);
        },
        result: () => [real.loss.values[0]!, ...g],
      },
    ],
    hvp: [
      {
        name: "tape of dual numbers",
        run: () => {
          dual.run((k) => ({ value: x[k]!, tangent: v[k]! }));
          h.set([...dual.w.grad, ...dual.b.grad].map(({ tangent }) => tangent));
        },
        result: () => h,
      },
    ],
  };
}
