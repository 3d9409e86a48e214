/** A line of input as text, or why it is none. */
export type Line = { readonly text: string } | { readonly fault: string };

/** Longer lines are skipped and reported: JavaScript's strings end near 2^29 characters. */
const longestLine = 400_000_000;

const newline = 10;

/** The lines of a stream of bytes, each as soon as it is whole; nothing is read ahead of the reader's pace. */
export async function* linesOf(input: AsyncIterable<Uint8Array>, longest = longestLine): AsyncGenerator<Line> {
  let parts: Uint8Array[] = [];
  let length = 0;
  const add = (part: Uint8Array) => {
    length += part.length;
    if (length <= longest) parts.push(part);
    else parts = [];
  };
  const finish = (): Line => {
    const line = length <= longest ? decode(parts) : { fault: `the line is longer than ${longest} bytes.` };
    parts = [];
    length = 0;
    return line;
  };
  for await (const chunk of input) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      add(chunk.subarray(start, end));
      yield finish();
      start = end + 1;
    }
    if (start < chunk.length) add(chunk.subarray(start));
  }
  if (length > 0) yield finish();
}

function decode(parts: readonly Uint8Array[]): Line {
  try {
    // a byte order mark at the start of a line is dropped by the decoder
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(parts)).replace(/\r$/, "") };
  } catch {
    return { fault: "the line is not UTF-8 text." };
  }
}
