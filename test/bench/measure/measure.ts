/** Something to be timed against others that compute the same. */
export interface Contender {
  readonly name: string;
  /** One call, from host arrays to host arrays. */
  readonly run: () => void;
  /** Calls before it is warm: V8 optimises code without loops after some thousands. Default: what the effort says in time. */
  readonly warmUpCalls?: number;
  /** What the last call computed. */
  readonly result: () => ArrayLike<number>;
}

export interface Timing {
  readonly name: string;
  /** CPU time of a call, the median over the rounds. */
  readonly microseconds: number;
  /** CPU time in units of the first contender's in the same round: quartiles. */
  readonly ratio: readonly [low: number, median: number, high: number];
}

export interface Effort {
  readonly rounds: number;
  /** CPU time to spend on one contender in one round. */
  readonly milliseconds: number;
  readonly warmUpMilliseconds: number;
}

export const thorough: Effort = { rounds: 31, milliseconds: 8, warmUpMilliseconds: 400 };
export const quick: Effort = { rounds: 9, milliseconds: 4, warmUpMilliseconds: 150 };

/**
 * CPU times of all contenders, warm: every round runs each in turn, so that what disturbs the machine disturbs all,
 * and ratios are taken within a round. CPU time is the whole process's, its collector and compiler threads included.
 */
export function compare(contenders: readonly Contender[], effort: Effort): Timing[] {
  const calls = contenders.map((contender) => warmUp(contender, effort));
  const times: number[][] = contenders.map(() => []);
  for (let round = 0; round < effort.rounds; round++) {
    for (const [k, { run }] of contenders.entries()) times[k]!.push(cpuTime(run, calls[k]!) / calls[k]!);
  }
  return contenders.map(({ name }, k) => {
    const ratios = times[k]!.map((time, round) => time / times[0]![round]!);
    const ratio = [0.25, 0.5, 0.75].map((part) => quantile(ratios, part)) as [number, number, number];
    return { name, microseconds: quantile(times[k]!, 0.5), ratio };
  });
}

/** CPU time that a number of calls may take until warm. */
const longestWarmUp = 5_000_000;

/** Runs until warm; returns how many calls fill a round. */
function warmUp({ run, warmUpCalls = 0 }: Contender, { milliseconds, warmUpMilliseconds }: Effort): number {
  let calls = 1;
  let time = 0;
  let made = 0;
  const isCold = (spent: number) => spent < warmUpMilliseconds * 1000 || (made < warmUpCalls && spent < longestWarmUp);
  for (let spent = 0; isCold(spent); spent += time) {
    time = cpuTime(run, calls);
    made += calls;
    if (time < milliseconds * 500) calls *= 2;
  }
  return Math.max(1, Math.ceil((calls * milliseconds * 1000) / time));
}

/** Microseconds of CPU time that `calls` calls take. */
export function cpuTime(run: () => void, calls = 1): number {
  const start = process.cpuUsage();
  for (let call = 0; call < calls; call++) run();
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = part * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.ceil(at);
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!);
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Largest difference, in units of the reference's largest entry. */
export function deviation(values: ArrayLike<number>, reference: ArrayLike<number>): number {
  if (values.length !== reference.length) return Number.NaN;
  let largest = 0;
  let difference = 0;
  for (let at = 0; at < reference.length; at++) {
    largest = Math.max(largest, Math.abs(reference[at]!));
    const distance = Math.abs(values[at]! - reference[at]!);
    // NaN stays: Math.max passes it on
    difference = Math.max(difference, distance);
  }
  return difference / largest;
}
