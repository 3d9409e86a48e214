import { DataError, UsageError } from "../../../ir/errors.ts";
import { type Checkpoint, deserialize, serialize } from "../../../optimize/driver/checkpoint.ts";
import { type Disk, replaceFile } from "../../files/atomic.ts";
import { readText } from "../../files/files.ts";
import type { Io } from "../../terminal/io.ts";
import type { HistoryPoint } from "./history.ts";
import type { Outcome } from "./runs.ts";

/** All that a fit needs to go on: which problem it is, the starts that are done, and where the present one is. */
export interface SavedRun {
  readonly nabla: typeof checkpointForm;
  /** Of model, data and settings: a checkpoint serves the same fit only. */
  readonly problem: string;
  readonly done: readonly Outcome[];
  readonly start: number;
  readonly history: readonly HistoryPoint[];
  readonly checkpoint: Checkpoint;
}

const checkpointForm = "checkpoint 1";

/** Writes checkpoints to a file from time to time. A failure is told once and ends nothing: the last one stays. */
export class CheckpointFile {
  failure: string | undefined;
  private readonly path: string;
  private readonly io: Io;
  private readonly disk: Disk | undefined;
  private writtenAt = performance.now();

  constructor(path: string, io: Io, disk?: Disk) {
    this.path = path;
    this.io = io;
    this.disk = disk;
  }

  /** True once enough time has passed since the last one. */
  get isDue(): boolean {
    return performance.now() - this.writtenAt > pause;
  }

  write(run: Omit<SavedRun, "nabla">): void {
    this.writtenAt = performance.now();
    try {
      replaceFile(this.path, serialize({ nabla: checkpointForm, ...run }), this.io, this.disk);
      this.failure = undefined;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.failure = `${error.summary} The checkpoint before it, if there is one, is unharmed.`;
    }
  }

  /** The saved run. Throws DataError for a file that is none, and UsageError for another fit's. */
  async read(problem: string): Promise<SavedRun> {
    const text = await readText(this.path, this.io);
    let saved: Partial<SavedRun> | null;
    try {
      saved = deserialize<Partial<SavedRun> | null>(text);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      throw new DataError(`${this.path}: ${error.summary}`);
    }
    if (typeof saved !== "object" || saved?.nabla !== checkpointForm || !saved.checkpoint)
      throw new DataError(`${this.path} is no checkpoint of a fit.`);
    if (saved.problem === problem) return saved as SavedRun;
    throw new UsageError(`${this.path} is a checkpoint of another fit: its model, data, method or settings differ.`, {
      notes: ["Give the same command with --resume, or begin anew without it."],
    });
  }
}

/** Milliseconds between checkpoints. */
const pause = 2000;
