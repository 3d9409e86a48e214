import type { BoundModel } from "../../../src/compile/bound/model.ts";
import { bindTask } from "../contenders/nabla.ts";
import { loadPeers } from "../contenders/peers/installed.ts";
import { cpuTime } from "../measure/measure.ts";
import { isForPeers, type Task, vectorsOf } from "../tasks/tasks.ts";

/** Milliseconds of CPU time in a fresh process, from a model (its text, or its function) to the first results; loading apart. */
export interface ColdResult {
  readonly task: string;
  readonly name: string;
  readonly lossAndGradient: ColdTime;
  readonly hvp: ColdTime;
}

/** null where it throws. */
type ColdTime = number | null;

export const nablaName = "nabla";

/** Runs in a process of its own. */
export async function measureCold(task: Task, name: string): Promise<ColdResult> {
  const timing = name === nablaName ? coldNabla(task) : await coldPeer(task, name);
  return { task: task.name, name, ...timing };
}

function coldNabla(task: Task): { lossAndGradient: number; hvp: number } {
  const { x, v } = vectorsOf(task);
  const out = new Float64Array(x.length);
  let bound: BoundModel;
  const lossAndGradient = cpuTime(() => {
    bound = bindTask(task);
    bound.flat.lossAndGradient(x, out);
  });
  const hvp = cpuTime(() => bound.flat.hvp(x, v, out));
  return { lossAndGradient: lossAndGradient / 1000, hvp: hvp / 1000 };
}

async function coldPeer(task: Task, name: string): Promise<{ lossAndGradient: ColdTime; hvp: ColdTime }> {
  if (!isForPeers(task)) throw new Error(`${task.name} is not for peers.`);
  const [peer] = await loadPeers(name);
  const offered = await peer!.contenders(task);
  const time = (contenders: readonly { run: () => void }[]) => {
    try {
      return cpuTime(() => contenders.at(-1)!.run()) / 1000;
    } catch {
      return null;
    }
  };
  return { lossAndGradient: time(offered.lossAndGradient), hvp: time(offered.hvp) };
}
