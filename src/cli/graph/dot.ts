import type { Diagram } from "./diagram.ts";
import { arrowText } from "./layout.ts";
import { looks } from "./looks.ts";

const outlines = { pill: "box", box: "box", hexagon: "hexagon" } as const;

/** A diagram in the language of Graphviz. */
export function dotText({ title, boxes, arrows }: Diagram): string {
  return [
    `digraph ${quoted(title)} {`,
    `  graph [label=${quoted(title)}, labelloc=t, labeljust=l, fontname="Helvetica", nodesep=0.3, ranksep=0.35];`,
    '  node [fontname="Menlo,Consolas,monospace", fontsize=11, height=0.35, margin="0.14,0.06"];',
    '  edge [fontname="Menlo,Consolas,monospace", fontsize=9, color="#8a95a5", fontcolor="#5d6876", arrowsize=0.7];',
    ...boxes.map(({ id, kind, label, detail, tooltip }) => {
      const { outline, isDashed, light } = looks[kind];
      const style = ["filled", ...(outline === "pill" ? ["rounded"] : []), ...(isDashed ? ["dashed"] : [])].join(",");
      const text = detail === undefined ? label : `${label}\n${detail}`;
      return `  ${id} [label=${quoted(text)}, tooltip=${quoted(tooltip)}, shape=${outlines[outline]}, style="${style}", fillcolor="${light.fill}", color="${light.stroke}", fontcolor="${light.text}"];`;
    }),
    ...arrows.map((arrow) => {
      const text = arrowText(arrow);
      return `  ${arrow.from} -> ${arrow.to}${text === "" ? "" : ` [label=${quoted(text)}]`};`;
    }),
    "}",
    "",
  ].join("\n");
}

/** A quoted string: backslashes stay backslashes, and no name ends it. */
function quoted(text: string): string {
  const plain = text
    .replace(/[\\"]/g, (sign) => `\\${sign}`)
    .replace(/\n/g, "\\n")
    .replace(/\p{Cc}|\p{Surrogate}/gu, "\ufffd");
  return `"${plain}"`;
}
