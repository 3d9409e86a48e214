/** Where text goes: standard output or standard error. */
export interface Output {
  /** Resolves when the next write may follow. */
  write(text: string): Promise<void>;
  readonly isTerminal: boolean;
  readonly columns: number;
}

/** Everything outside that a command may touch besides files; tests put their own in its place. */
export interface Io {
  readonly input: AsyncIterable<Uint8Array>;
  readonly output: Output;
  readonly errors: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The folder that relative paths begin at. */
  readonly folder: string;
  /** Resolves when the user asks to stop, unless `until` is aborted before; who calls it ends what would go on for ever. */
  interrupted(until?: AbortSignal): Promise<void>;
}
