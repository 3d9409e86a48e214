import type { Iterate } from "../../../optimize/driver/run.ts";

/** One iterate as curves show it. */
export interface HistoryPoint {
  readonly iteration: number;
  readonly loss: number;
  readonly gradientNorm: number;
  readonly metricNorm: number;
  /** Evaluations of the loss so far, of gradients, and products with the Hessian. */
  readonly evaluations: readonly [number, number, number];
  readonly seconds: number;
}

/** The iterates of a run, thinned evenly once there are many; the last is always there. */
export class History {
  private readonly kept: HistoryPoint[];
  private readonly began = performance.now();
  private readonly earlier: number;
  private stride = 1;
  private latest: HistoryPoint | undefined;

  /** `before`: the history of the run that this one goes on with. */
  constructor(before: readonly HistoryPoint[] = []) {
    this.kept = [...before];
    this.earlier = before.at(-1)?.seconds ?? 0;
    while (this.kept.length >= mostPoints) this.thin();
  }

  add({ iteration, value, gradientNorm, metricNorm, evaluations }: Iterate): void {
    const last = this.latest ?? this.kept.at(-1);
    if (last && iteration <= last.iteration) return;
    this.latest = {
      iteration,
      loss: value,
      gradientNorm,
      metricNorm,
      evaluations: [evaluations.value, evaluations.gradient, evaluations.hvp],
      seconds: this.earlier + (performance.now() - this.began) / 1000,
    };
    if (iteration % this.stride !== 0) return;
    this.kept.push(this.latest);
    if (this.kept.length >= mostPoints) this.thin();
  }

  get points(): readonly HistoryPoint[] {
    const { latest, kept } = this;
    return latest && latest !== kept.at(-1) ? [...kept, latest] : [...kept];
  }

  get seconds(): number {
    return this.points.at(-1)?.seconds ?? 0;
  }

  private thin(): void {
    this.stride *= 2;
    const every = this.kept.filter(({ iteration }) => iteration % this.stride === 0);
    this.kept.splice(0, this.kept.length, ...every);
  }
}

const mostPoints = 1000;
