/** The codes a process ends with; scripts and CI read them. */
export const exitCodes = {
  /** Everything asked for was done. */
  ok: 0,
  /** The model, its data or a check is wrong. */
  wrong: 1,
  /** The command line is wrong: an unknown option, a file that cannot be read. */
  usage: 2,
  /** A fault in nabla itself. */
  internal: 3,
  /** A fit ended before it converged. */
  unfinished: 4,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodeMeanings: readonly (readonly [ExitCode, string])[] = [
  [exitCodes.ok, "everything asked for was done"],
  [exitCodes.wrong, "the model, its data or a check is wrong"],
  [exitCodes.usage, "the command line is wrong, or a file cannot be read"],
  [exitCodes.internal, "a fault in nabla itself"],
  [exitCodes.unfinished, "a fit ended before it converged: what it found is saved"],
];
