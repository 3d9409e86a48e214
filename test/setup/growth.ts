/** Processor time of what is run, in seconds: other work on the machine does not count. */
export function seconds(run: () => void): number {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

/** Time over size: the exponent of the power that leads from the first size to the second. 1 is time in proportion. */
export interface Growth {
  readonly slope: number;
  /** Least times of the rounds, in seconds. */
  readonly times: readonly number[];
}

/**
 * How time grows from one size to another, by the least times of up to three rounds; one is enough where it grows slowly.
 * Other work on the machine takes caches and memory from what needs most of them, and only ever adds.
 */
export function growthOf(sizes: readonly [number, number], timeOf: (size: number) => number, enough: number): Growth {
  const times = sizes.map(timeOf);
  const slope = () => Math.log(times[1]! / times[0]!) / Math.log(sizes[1] / sizes[0]);
  for (let round = 1; round < 3 && slope() >= enough; round++)
    for (const [k, size] of sizes.entries()) times[k] = Math.min(times[k]!, timeOf(size));
  return { slope: slope(), times };
}
