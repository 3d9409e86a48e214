import { lazily, packed } from "./models.ts";
import type { Eval } from "./tool.ts";

/** y_0' = x_0, y_i' = x_i y_{i-1}, from 0 to 2 by Runge and Kutta's fourth-order method. */
const model = lazily(
  "ode",
  `size s
param x: [n]
def slope(y: [n]) = [i in 0..n: x[i] * (if i == 0 then 1 else y[i - 1])]
def step(y: [n], h) = {
  let k1 = slope(y)
  let k2 = slope(y + h/2 * k1)
  let k3 = slope(y + h/2 * k2)
  let k4 = slope(y + h * k3)
  return y + h/6 * (k1 + 2*k2 + 2*k3 + k4)
}
let y = scan(i in 0..s, y = zeros(n): step(y, 2/s))
output last = y
loss = y[n - 1]`,
);

interface Input {
  readonly x: readonly number[];
  readonly s: number;
}

export const ode: Eval<Input> = {
  primal: ({ x, s }) => {
    const { lengths, run } = model().bind({}, { n: x.length, s }).outputFunction(["last"], { reads: true });
    const [at, y] = [packed(x), lengths.map((length) => new Float64Array(length))];
    return { run: () => run(at, y), output: () => Array.from(y[0]!) };
  },
  gradient: ({ x, s }) => {
    const { flat } = model().bind({}, { s });
    const [at, g] = [packed(x), new Float64Array(x.length)];
    return { run: () => flat.gradient(at, g), output: () => Array.from(g) };
  },
};
