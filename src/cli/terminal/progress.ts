import type { Io } from "./io.ts";
import { styleFor } from "./style.ts";

/** Says what long work is at, on one line of a terminal that later text takes back; elsewhere it says nothing. */
export class Progress {
  private readonly io: Io;
  private isShown = false;

  constructor(io: Io) {
    this.io = io;
  }

  async step(text: string): Promise<void> {
    const { errors, environment } = this.io;
    if (!errors.isTerminal || environment.TERM === "dumb") return;
    const style = styleFor(errors, environment);
    this.isShown = true;
    await errors.write(`\r\u001b[K${style.dim(`${text.slice(0, Math.max(10, errors.columns - 4))} ...`)}`);
    // the terminal gets its turn before work that leaves no room for it
    await new Promise((resolve) => setImmediate(resolve));
  }

  async done(): Promise<void> {
    if (this.isShown) await this.io.errors.write("\r\u001b[K");
    this.isShown = false;
  }
}
