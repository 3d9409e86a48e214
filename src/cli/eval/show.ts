import type { JsonTensor } from "../files/json.ts";
import { columns, type Style } from "../terminal/style.ts";
import type { Answer } from "./evaluate.ts";

/** An answer as a person reads it: one line a tensor, its norm, its first values. */
export function answerText(answer: Answer, style: Style): string {
  const rows: string[][] = [];
  if (answer.loss !== undefined) rows.push([style.bold("loss"), "", String(answer.loss)]);
  for (const part of ["gradient", "hvp", "outputs"] as const) {
    const tensors = answer[part];
    if (tensors) for (const [name, tensor] of Object.entries(tensors)) rows.push(row(`${part}.${name}`, tensor, style));
  }
  for (const [name, blocks] of Object.entries(answer.hessian ?? {})) {
    for (const [column, tensor] of Object.entries(blocks)) rows.push(row(`hessian.${name}.${column}`, tensor, style));
  }
  return `${columns(rows).join("\n")}\n`;
}

const mostShown = 6;

function row(name: string, { values, shape }: JsonTensor, style: Style): string[] {
  const shown = Array.from({ length: Math.min(values.length, mostShown) }, (_, k) => shortNumber(values[k]!));
  const rest = values.length > mostShown ? [style.dim(`... norm ${shortNumber(norm(values))}`)] : [];
  const isScalar = shape.length === 0;
  const text = isScalar ? String(values[0]) : [...shown, ...rest].join("  ");
  return [style.bold(name), style.dim(isScalar ? "" : `[${shape.join(", ")}]`), text];
}

/** Six digits: enough to compare by eye. */
export function shortNumber(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** The Euclidean norm, scaled so that squares neither overflow nor vanish. */
export function norm(values: ArrayLike<number>): number {
  let largest = 0;
  for (let k = 0; k < values.length; k++) largest = Math.max(largest, Math.abs(values[k]!));
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += (values[k]! / largest) ** 2;
  return largest * Math.sqrt(sum);
}
