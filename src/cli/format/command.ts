import { UsageError } from "../../ir/errors.ts";
import { formatModel } from "../../model/format/format.ts";
import { type Call, command, shared } from "../command.ts";
import { writeText } from "../files/atomic.ts";
import { readSource } from "../files/files.ts";
import { jsonText } from "../files/json.ts";
import { type ExitCode, exitCodes } from "../terminal/exit.ts";
import { exitCodeOf, type Failure, failureOf, failureText } from "../terminal/failure.ts";
import { styleFor } from "../terminal/style.ts";

const formatOptions = {
  check: { type: "flag", help: "change nothing; exit with 1 when a file is not formatted" },
  write: { type: "flag", help: "write each file back in place" },
  json: shared.json,
} as const;

/** What became of one file. */
interface Formatted {
  readonly file: string;
  readonly isFormatted: boolean;
  readonly text?: string;
  readonly error?: Failure;
}

export const formatCommand = command({
  operands: "FILES...",
  operandCount: [1, Number.POSITIVE_INFINITY],
  description: [
    "Prints the formatted text. Comments, the spelling of numbers and single empty lines stay; the meaning never changes.",
  ],
  options: formatOptions,
  examples: [
    { command: "nabla format model.nabla", says: "print the formatted text" },
    { command: "nabla format --write models/*.nabla", says: "format files in place" },
    { command: "nabla format --check models/*.nabla", says: "in CI: are all files formatted?" },
    { command: "nabla format - < model.nabla", says: "as a filter, for editors" },
  ],
  async run(call: Call<typeof formatOptions>): Promise<ExitCode> {
    const { io, style, options, operands } = call;
    if (options.check && options.write)
      throw new UsageError("--check changes nothing and --write does: use one of them.");
    const results: Formatted[] = [];
    let code: ExitCode = exitCodes.ok;
    for (const path of operands) {
      try {
        const source = await readSource(path, io);
        const text = formatModel(source);
        const isFormatted = text === source.text;
        results.push({ file: path, isFormatted, ...(!options.check && !options.write && { text }) });
        if (options.check && !isFormatted) code = exitCodes.wrong;
        if (options.write && !isFormatted) await writeText(path, text, io);
        if (options.json) continue;
        if (options.check && !isFormatted) await io.output.write(`${style.yellow("not formatted")}  ${path}\n`);
        else if (options.write && !isFormatted && path !== "-")
          await io.output.write(`${style.green("formatted")}  ${path}\n`);
        else if ((!options.check && !options.write) || path === "-") await io.output.write(text);
      } catch (error) {
        // one wrong file does not keep the others from their turn
        code = exitCodeOf(error);
        results.push({ file: path, isFormatted: false, error: failureOf(error) });
        if (!options.json) await io.errors.write(`${failureText(error, styleFor(io.errors, io.environment))}\n`);
      }
    }
    if (options.json) await io.output.write(`${jsonText(results)}\n`);
    else if (options.check && code === exitCodes.ok) await io.output.write(`${style.green("ok")}  all formatted\n`);
    return code;
  },
});
