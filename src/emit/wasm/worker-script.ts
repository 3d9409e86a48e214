import { hostName, phasePrefix } from "./module.ts";

/** Whole numbers that the caller and its workers share, by their places. */
export const cells = {
  /** Changes whenever there is something to do. */
  signal: 0,
  /** Messages that each worker has been sent. */
  mail: 1,
  /** The bound function at work, and below it 8 bits for the pieces of its phase that nobody has taken yet. */
  ticket: 2,
  phase: 3,
  pieces: 4,
  /** Pieces that have been run. */
  done: 5,
  /** Letters of why a piece failed; they follow as numbers of 16 bits. */
  failure: 6,
} as const;

/** Letters that the reason of a failure may have. */
const longestFailure = 500;
export const controlBytes = 32 + 2 * longestFailure;

/** How often a worker looks for the next phase before it sleeps: about 20 microseconds. */
const glances = 2000;

/**
 * What a worker runs. A piece is taken by exchanging the ticket for one with a piece less; who has taken one knows that the
 * phase stays what it is until the piece is done, so only then are phase and pieces read. A worker that wakes late finds
 * nothing to take, and nobody waits for it.
 */
export const workerScript = `
const node = typeof require === "function" && typeof process === "object" ? require("node:worker_threads") : undefined;
const functions = new Map();
let control, letters, handled = 0;
function receive(message) {
  handled++;
  if (message.control) {
    control = new Int32Array(message.control);
    letters = new Uint16Array(message.control, 32);
  } else if (message.module) functions.set(message.number, instantiate(message));
  else functions.delete(message.number);
  work();
}
function instantiate({ module, imports, math }) {
  const fork = () => { throw new Error("a piece cannot be cut again"); };
  const named = Object.fromEntries(math.map((name, k) => ["f" + k, Math[name]]));
  return new WebAssembly.Instance(module, { ${hostName}: { ...imports, ...named, fork } }).exports;
}
function work() {
  for (;;) {
    const seen = Atomics.load(control, ${cells.signal});
    if (Atomics.load(control, ${cells.mail}) !== handled) return;
    if (takePiece()) continue;
    let glances = ${glances};
    while (glances-- > 0 && Atomics.load(control, ${cells.signal}) === seen);
    Atomics.wait(control, ${cells.signal}, seen);
  }
}
function takePiece() {
  const ticket = Atomics.load(control, ${cells.ticket});
  const left = ticket & 255;
  const run = left > 0 ? functions.get(ticket >>> 8) : undefined;
  if (!run) return false;
  if (Atomics.compareExchange(control, ${cells.ticket}, ticket, ticket - 1) !== ticket) return true;
  const pieces = Atomics.load(control, ${cells.pieces});
  try {
    run["${phasePrefix}" + Atomics.load(control, ${cells.phase})](pieces - left);
  } catch (error) {
    const reason = String(error).slice(0, ${longestFailure});
    for (let k = 0; k < reason.length; k++) letters[k] = reason.charCodeAt(k);
    Atomics.store(control, ${cells.failure}, reason.length);
  }
  if (Atomics.add(control, ${cells.done}, 1) + 1 === pieces) Atomics.notify(control, ${cells.done});
  return true;
}
if (node) node.parentPort.on("message", receive);
else onmessage = ({ data }) => receive(data);
`.trim();
