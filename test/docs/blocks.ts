/** A fenced block of a Markdown page. */
export interface Block {
  /** The language after the fence: ts, nabla, json, sh, text. */
  readonly language: string;
  /** The second word after the fence: the name of the file that the block is. */
  readonly file: string | undefined;
  readonly text: string;
  /** The line of the opening fence, counted from 1. */
  readonly line: number;
  /** The text of a `text` block right below: what the block prints. */
  readonly output: string | undefined;
}

/** The fenced blocks of a page in order. A `text` block right below another block belongs to that one. */
export function blocksOf(markdown: string): Block[] {
  const lines = markdown.split("\n");
  const blocks: (Block & { end: number })[] = [];
  for (let at = 0; at < lines.length; at++) {
    const fence = /^```(\S*) ?(\S*)/.exec(lines[at]!);
    if (!fence) continue;
    const end = lines.indexOf("```", at + 1);
    if (end < 0) throw new Error(`line ${at + 1}: the block is never closed.`);
    const [language, file] = [fence[1]!, fence[2] || undefined];
    const text = lines.slice(at + 1, end).join("\n");
    const above = blocks.at(-1);
    const isOutput = language === "text" && above && lines.slice(above.end + 1, at).every((line) => line === "");
    if (isOutput) blocks[blocks.length - 1] = { ...above, output: text, end };
    else blocks.push({ language, file, text, line: at + 1, output: undefined, end });
    at = end;
  }
  return blocks;
}

/** TypeScript of a page that is read from top to bottom. A block that imports begins a program; others go on with it. */
export interface Program {
  readonly blocks: readonly Block[];
}

export function programsOf(blocks: readonly Block[]): Program[] {
  const programs: Block[][] = [];
  for (const block of blocks.filter(({ language }) => language === "ts")) {
    const begins = /^import /m.test(block.text) || programs.length === 0;
    if (begins) programs.push([block]);
    else programs.at(-1)!.push(block);
  }
  return programs.map((blocks) => ({ blocks }));
}

/** What a block says that it prints: comments behind calls of console.log, then the `text` block below it. */
export function statedOutput({ text, output }: Block): string[] {
  const comments = text.split("\n").flatMap((line) => /console\.log\(.*\); \/\/ (.*)$/.exec(line)?.[1] ?? []);
  return [...comments, ...(output === undefined ? [] : output.split("\n"))];
}
