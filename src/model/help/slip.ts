/**
 * Something that people write by habit from another language, or from paper. A slip explains a failure of the parser
 * when its pattern matches around the place of the failure and the parser had wanted there what the row says.
 */
export interface Slip {
  /** With the flags "gmu"; the source of one where it is made of parts, for many take long to be read and few are asked for. */
  readonly pattern: RegExp | string;
  /** What could have stood there: all of these. */
  readonly wanted?: readonly string[];
  /** And none of these. */
  readonly unwanted?: readonly string[];
  /** The failure is where the match begins; otherwise anywhere in it, or at its end. */
  readonly atStart?: true;
  readonly summary: string;
  readonly wayOut: string;
}

/** The source of a pattern of parts one after the other. */
export const pattern = (...parts: string[]) => parts.join("");

/** Signs by which rows say what the parser wanted. */
export const aValue = "a number";
export const anOperator = "@";
/** Only the head of a declaration can go on with this. */
export const aDeclaration = "within";

/** What is said of blocks. */
export const noBlocks = {
  summary: "a model has no blocks: each statement says what it declares.",
  wayOut:
    'Write "param x: [n]" for what is fitted, "data x: [n]" for what is given, and the negative log density as "loss = ...".',
};
