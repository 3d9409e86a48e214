import type { Source } from "../../src/ir/source.ts";

const placeFields = new Set(["span", "source", "comments"]);

/** Everything that has more than one spelling, in one model. */
export const spellings: Source = {
  name: "spellings",
  text: `param x: vector[4], A: matrix[3, 4], b: scalar
data label: integer[n], seen: boolean[n]
twice = 2. * x + 1_000 * .5
rows: [3, 2] = A[:, 1:-1]
squared(t) = t^2
def bounded(t, low) { return (if low < t <= 1 then t else low) }
let e = maxPool2d(A, 2, channels = "first"), f = sum(conv1d(A, A, padding='same'))
let p = A[..., None, ::2], q = (1, 2, 3,), r = A.T.sum(axis = -1)
loss = squared(sum(twice)) + f
output twice, g = f, rows = rows
`,
};

/** A tree as text, without what says where it stands: two trees with the same text mean the same. */
export function meaning(tree: unknown): string {
  return JSON.stringify(tree, (key, value: unknown) => (placeFields.has(key) ? undefined : value), 1);
}

/** A text as a source. */
export function sourceOf(text: string): Source {
  return { name: "test.nabla", text };
}
