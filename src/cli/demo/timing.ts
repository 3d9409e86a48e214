/** The median time of a call in milliseconds: after warming up, in rounds long enough for the clock. */
export function medianTime(call: () => unknown, budget = 300): number {
  const rounds: number[] = [];
  const until = performance.now() + budget;
  let calls = 1;
  while (rounds.length < 5 || performance.now() < until) {
    const began = performance.now();
    for (let k = 0; k < calls; k++) call();
    const took = performance.now() - began;
    rounds.push(took / calls);
    // slow calls: a few rounds tell enough
    if (took > budget) break;
    if (took < 5) calls *= 2;
  }
  const settled = rounds.slice(Math.floor(rounds.length / 3)).sort((a, b) => a - b);
  return settled[Math.floor(settled.length / 2)]!;
}

export function timeText(milliseconds: number): string {
  if (milliseconds < 0.01) return `${(milliseconds * 1000).toPrecision(2)} µs`;
  if (milliseconds < 1) return `${(milliseconds * 1000).toFixed(0)} µs`;
  return milliseconds < 1000 ? `${milliseconds.toPrecision(3)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
