import { counted } from "../../ir/counted.ts";
import { LimitError, UsageError } from "../../ir/errors.ts";
import { someNames } from "../arguments.ts";
import { type Call, command, shared } from "../command.ts";
import { writeText } from "../files/atomic.ts";
import { requireTarget } from "../files/files.ts";
import { jsonText } from "../files/json.ts";
import { readModel } from "../model.ts";
import { subjectOf } from "../subject.ts";
import { exitCodes } from "../terminal/exit.ts";
import { type Diagram, diagramOf } from "./diagram.ts";
import { dotText } from "./dot.ts";
import { layOut } from "./layout.ts";
import { svgText } from "./svg.ts";

/** A drawing beyond this helps nobody, and its layout takes minutes. */
const mostBoxes = 1500;

const formats: Readonly<Record<string, (diagram: Diagram) => Promise<string>>> = {
  svg: async (diagram) => {
    if (diagram.boxes.length > mostBoxes) {
      throw new LimitError(`the graph has ${diagram.boxes.length} boxes; svg draws up to ${mostBoxes}.`, {
        notes: ["Draw a named output of the model instead, or write --format dot."],
      });
    }
    return svgText(await layOut(diagram));
  },
  dot: async (diagram) => dotText(diagram),
};

const graphOptions = {
  of: { type: "text", value: "NAME", help: "loss, gradient, hvp or an output (default: loss)" },
  wrt: shared.wrt,
  raw: { type: "flag", help: "draw the graph as it was built, before rewriting" },
  format: { type: "text", choices: Object.keys(formats), help: "default: by the ending of FILE, else svg" },
  output: { ...shared.output, help: "write to FILE (default: standard output)" },
  json: { type: "flag", help: "print boxes and arrows as JSON, errors too" },
} as const;

export const graphCommand = command({
  operands: "MODEL",
  operandCount: [1, 1],
  description: [
    "Inputs stand above, results below. A box is a node, drawn once however often it is used; arrows carry the shapes " +
      "of what flows. Sums show their index notation, and letters on arrows tell operands apart. A loop or another call " +
      "with several results is one box, and #2 on an arrow is its result 2, counted from 0. The SVG follows the " +
      "reader's light or dark preference; hovering a box shows its whole node.",
  ],
  options: graphOptions,
  examples: [
    { command: "nabla graph logistic.nabla -o loss.svg", says: "the loss, to look at in a browser" },
    { command: "nabla graph logistic.nabla --of gradient --wrt w -o gradient.svg", says: "the gradient in w" },
    { command: "nabla graph logistic.nabla --of hvp --format dot | dot -Tpdf > hvp.pdf", says: "for Graphviz" },
  ],
  async run({ io, style, progress, options, operands }: Call<typeof graphOptions>) {
    const target = options.output ?? "-";
    requireTarget(target, io, operands);
    const format = options.format ?? formatOf(target);
    const model = await readModel(operands[0]!, { io, isJson: options.json });
    await progress.step(`differentiating ${model.name}`);
    const subject = subjectOf(
      model,
      options.of ?? (model.loss ? "loss" : firstOf(model.outputs)),
      options.wrt === undefined ? undefined : someNames("--wrt", options.wrt),
    );
    const diagram = diagramOf(subject.title, options.raw ? subject.built : subject.simplified, subject.directions);
    if (options.json) {
      await io.output.write(`${jsonText(diagram)}\n`);
      return exitCodes.ok;
    }
    const boxes = counted(diagram.boxes.length, "box", "boxes");
    await progress.step(`drawing ${boxes}`);
    const text = await formats[format]!(diagram);
    await progress.done();
    await writeText(target, text, io);
    if (target !== "-") {
      await io.output.write(
        `${style.green("wrote")} ${target}: ${boxes}, ${counted(diagram.arrows.length, "arrow")}\n`,
      );
    }
    return exitCodes.ok;
  },
});

/** By the ending of a file's name; without one it is a drawing. Throws UsageError for an ending of neither. */
function formatOf(path: string): string {
  const ending = /[^/\\]\.([^./\\]+)$/.exec(path)?.[1] ?? "svg";
  if (["dot", "gv"].includes(ending)) return "dot";
  if (ending === "svg") return "svg";
  throw new UsageError(`${path} ends in .${ending}, which is no format of graphs: end it in .svg, .dot or .gv.`, {
    notes: ["--format svg or --format dot takes any name; Graphviz makes others: --format dot | dot -Tpng."],
  });
}

function firstOf(outputs: ReadonlyMap<string, unknown>): string {
  for (const name of outputs.keys()) return name;
  throw new UsageError("the model has neither a loss nor an output: there is nothing to draw.");
}
