import type { Crew, CrewWork } from "../../emit/wasm/engine.ts";
import { cells, controlBytes, workerScript } from "../../emit/wasm/worker-script.ts";
import { sayOnce } from "../notice.ts";

/** A thread of the environment's that runs a script. */
export interface Thread {
  send(message: unknown): void;
  /** Called when the thread could not be started, or ended of itself. */
  onEnd(report: (reason: string) => void): void;
  end(): void;
}

/** Where threads come from. */
export interface ThreadHost {
  /** How many can run at once. */
  processors(): number;
  /** Starts a thread; `address`: of the script, where it is not to be started from its text. */
  start(script: string, address: string | URL | undefined): Thread;
}

/** How often the caller looks whether the last pieces are done before it sleeps: about 50 microseconds. */
const glances = 5000;

/** Milliseconds in which no piece is done after which a worker is given up. */
const patience = 60_000;

/** Milliseconds of waiting at the end of a phase, besides twice what a piece takes, that say that a worker was held up. */
const longestWait = 0.2;
/** For how many times what was lost by waiting the caller goes on alone: at first, and at most when it keeps happening. */
const [shortestRest, longestRest] = [16, 256];

/**
 * The caller and workers that help it. Whoever has time takes the next piece; the caller takes pieces too and waits for
 * those alone that others have begun, so that a worker that is late, or has not started yet, costs nothing. One that is held up
 * in a piece does cost: where processors are busy with other programs, the caller goes on alone for a while. Workers start with
 * the first function that is bound, sleep between calls, and do not keep a process alive.
 */
export class WorkerCrew implements Crew {
  readonly members: number;
  readonly isShared = true;
  private readonly host: ThreadHost;
  private readonly address: string | URL | undefined;
  private readonly control = new Int32Array(new SharedArrayBuffer(controlBytes));
  private threads: Thread[] | undefined;
  private isClosed = false;
  private functions = 0;
  /** When the caller takes workers again, and for how many times a loss it rests. */
  private aloneUntil = 0;
  private rest = shortestRest;
  private readonly canSleep = canSleep();
  private readonly forgotten = new FinalizationRegistry((number: number) => this.tell(() => ({ number })));

  constructor(members: number, host: ThreadHost, address: string | URL | undefined) {
    this.members = members;
    this.host = host;
    this.address = address;
  }

  /** Ends the workers. Calls that follow are run by the caller alone. */
  close(): void {
    this.isClosed = true;
    for (const thread of this.threads ?? []) thread.end();
    this.threads = [];
  }

  enlist(work: CrewWork): (phase: number) => void {
    const number = ++this.functions;
    const { module, pieces } = work;
    const math = work.functions.map((f) => mathNames.get(f));
    if (math.includes(undefined)) return (phase) => runAlone(work, phase);
    this.start();
    this.tell((member) => ({ number, module, math, imports: work.importsOf(member) }));
    const fork = (phase: number) => {
      if (this.threads!.length === 0 || performance.now() < this.aloneUntil) runAlone(work, phase);
      else this.share(work, number, phase, pieces[phase]!);
    };
    this.forgotten.register(fork, number);
    return fork;
  }

  private start(): void {
    if (this.threads) return;
    this.threads = [];
    const { host, address, control } = this;
    for (let member = 1; member < this.members && !this.isClosed; member++) {
      try {
        const thread = host.start(workerScript, address);
        thread.onEnd((reason) => this.lose(reason));
        this.threads.push(thread);
      } catch (error) {
        this.lose(error instanceof Error ? error.message : String(error));
      }
    }
    this.tell(() => ({ control: control.buffer }));
  }

  /** A worker that is gone takes the others with it: their places in memory are numbered. */
  private lose(reason: string): void {
    if (this.isClosed) return;
    this.close();
    sayOnce(`nabla: a worker thread has ended (${reason}), so that calls run on the calling thread alone.`);
  }

  private tell(messageTo: (member: number) => unknown): void {
    const { control, threads = [] } = this;
    if (threads.length === 0) return;
    for (const [k, thread] of threads.entries()) thread.send(messageTo(k + 1));
    Atomics.add(control, cells.mail, 1);
    Atomics.add(control, cells.signal, 1);
    Atomics.notify(control, cells.signal);
  }

  private share(work: CrewWork, number: number, phase: number, pieces: number): void {
    const { control } = this;
    const run = work.phases[phase]!;
    const start = performance.now();
    Atomics.store(control, cells.phase, phase);
    Atomics.store(control, cells.pieces, pieces);
    Atomics.store(control, cells.done, 0);
    Atomics.store(control, cells.ticket, (number << 8) | pieces);
    Atomics.add(control, cells.signal, 1);
    Atomics.notify(control, cells.signal);
    let failure: unknown;
    let own = 0;
    for (;;) {
      const ticket = Atomics.load(control, cells.ticket);
      const left = ticket & 255;
      if (left === 0) break;
      if (Atomics.compareExchange(control, cells.ticket, ticket, ticket - 1) !== ticket) continue;
      try {
        if (failure === undefined) run(pieces - left);
      } catch (error) {
        failure = error;
      }
      Atomics.add(control, cells.done, 1);
      own++;
    }
    const ready = performance.now();
    this.waitFor(pieces);
    this.judge(performance.now() - ready, own > 0 ? (ready - start) / own : 0);
    if (failure !== undefined) throw failure;
    if (Atomics.load(control, cells.failure) > 0) this.fail();
  }

  /** Rests from workers when waiting for one took long against a piece. */
  private judge(waited: number, perPiece: number): void {
    if (waited <= longestWait + 2 * perPiece) this.rest = Math.max(shortestRest, this.rest / 2);
    else {
      this.aloneUntil = performance.now() + this.rest * waited;
      this.rest = Math.min(longestRest, 2 * this.rest);
    }
  }

  /** Waits until all pieces are done, awake at first. A page's own thread may not sleep. */
  private waitFor(pieces: number): void {
    const { control } = this;
    for (let k = 0; k < glances; k++) if (Atomics.load(control, cells.done) === pieces) return;
    let [last, since] = [-1, 0];
    for (;;) {
      const done = Atomics.load(control, cells.done);
      if (done === pieces) return;
      if (this.canSleep) Atomics.wait(control, cells.done, done, 100);
      if (done !== last) [last, since] = [done, performance.now()];
      else if (performance.now() - since > patience) {
        this.close();
        throw new Error(
          `a worker thread has not finished its piece of a loop within ${patience / 1000} s: was it ended from outside? ` +
            "The workers are given up, and further calls run on the calling thread alone.",
        );
      }
    }
  }

  private fail(): never {
    const { control } = this;
    const length = Atomics.load(control, cells.failure);
    const reason = String.fromCharCode(...new Uint16Array(control.buffer, 32, length));
    this.close();
    throw new Error(
      `a worker thread failed in its piece of a loop: ${reason}. Further calls run on the calling thread alone.`,
    );
  }
}

/** A caller without workers. */
export const callerAlone: Crew = {
  members: 1,
  isShared: false,
  enlist: (work) => (phase) => runAlone(work, phase),
};

function runAlone(work: CrewWork, phase: number): void {
  const run = work.phases[phase]!;
  for (let piece = 0; piece < work.pieces[phase]!; piece++) run(piece);
}

/** Workers have the functions of Math under their names. */
const mathNames = new Map(
  Object.entries(Object.getOwnPropertyDescriptors(Math)).map(([name, { value }]) => [value as unknown, name]),
);

/** False in a page's own thread, which may not wait for others but by looking again and again. */
function canSleep(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
}
