/** Text with the places where its lines may end; `layOut` chooses among them. */
export type Piece = string | Break | Remark | Open | Close;

export interface Break {
  readonly kind: "break";
  /** What stands there when the line goes on. */
  readonly flat: "" | " ";
  /** Whether the line ends: when what follows does not fit on it, only for a comment, or in any case. */
  readonly when: "full" | "commented" | "always";
  /** The next line begins where the line began that opened the group, not two columns further. */
  readonly outdent?: boolean;
  /** An empty line comes between. */
  readonly blank?: boolean;
  /** Offsets in the source: what stood before ends there, what comes next begins there. */
  readonly after?: number | undefined;
  readonly before?: number | undefined;
}

/** A comment: nothing follows it on its line, and its length does not count. */
export interface Remark {
  readonly kind: "remark";
  readonly text: string;
}

/** Begins a group: its lines are set two columns further than the line on which it begins. */
export interface Open {
  readonly kind: "open";
  /** All its breaks are taken: when it does not fit on one line, or in any case; without this each only where it must. */
  readonly together?: "when full" | "always";
}

export interface Close {
  readonly kind: "close";
}

export const open: Open = { kind: "open" };
export const close: Close = { kind: "close" };

interface Group {
  readonly lineIndent: number;
  readonly indent: number;
  readonly broken: boolean;
}

/** More than any line has. */
const beyond = 1e6;

/** Lines of at most `width` columns where the breaks allow it. Takes linear time and no stack. */
export function layOut(pieces: readonly Piece[], width: number): string {
  const extents = extentsOf(pieces);
  const groups: Group[] = [{ lineIndent: 0, indent: 0, broken: false }];
  const output: string[] = [];
  let lineIndent = 0;
  let column = 0;

  const write = (text: string) => {
    output.push(text);
    column += text.length;
  };

  pieces.forEach((piece, k) => {
    if (typeof piece === "string") {
      write(piece);
    } else if (piece.kind === "remark") {
      write(piece.text);
    } else if (piece.kind === "open") {
      const alone = piece.together && column === lineIndent;
      const indent = alone ? lineIndent : lineIndent + 2;
      groups.push({ lineIndent, indent, broken: piece.together !== undefined && column + extents[k]! > width });
    } else if (piece.kind === "close") {
      groups.pop();
    } else {
      const group = groups.at(-1)!;
      const full = piece.when === "full" && (group.broken || column + extents[k]! > width);
      if (!full && piece.when !== "always") {
        write(piece.flat);
      } else if (output.length > 0) {
        lineIndent = piece.outdent ? group.lineIndent : group.indent;
        output.push(piece.blank ? "\n\n" : "\n", " ".repeat(lineIndent));
        column = lineIndent;
      }
    }
  });
  return output.join("");
}

interface Pending {
  readonly piece: number;
  readonly depth: number;
  readonly start: number;
}

/**
 * For each break, the columns up to the next place where the line can end; for each group, its columns on one line
 * and what clings to its end, Infinity if it holds a break that is always taken.
 */
function extentsOf(pieces: readonly Piece[]): Float64Array {
  const extents = new Float64Array(pieces.length);
  const pending: Pending[] = [];
  let depth = 0;
  let total = 0;

  const settle = (least: number, isClosed: (entry: Pending) => boolean) => {
    while (pending.length > 0 && pending.at(-1)!.depth >= least) {
      const entry = pending.pop()!;
      extents[entry.piece] = isClosed(entry) ? total - entry.start : Infinity;
    }
  };

  pieces.forEach((piece, k) => {
    if (typeof piece === "string") {
      total += piece.length;
    } else if (piece.kind === "open") {
      // half a level deeper than the breaks around it: those end it, its own do not
      pending.push({ piece: k, depth: depth + 0.5, start: total });
      depth++;
      if (piece.together === "always") total += beyond;
    } else if (piece.kind === "close") {
      depth--;
    } else if (piece.kind === "break") {
      if (piece.when === "always") settle(0, (entry) => Number.isInteger(entry.depth) || entry.depth > depth);
      if (piece.when === "full") settle(depth, () => true);
      if (piece.when === "full") pending.push({ piece: k, depth, start: total });
      total += piece.flat.length;
    }
  });
  settle(0, () => true);
  return extents;
}
