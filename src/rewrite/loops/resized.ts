import { type Body, bodyOf } from "../../ir/bodies/body.ts";
import type { Resize } from "../../ir/bodies/resize.ts";
import { scanWith } from "../../ir/bodies/scan.ts";
import { whileWith } from "../../ir/bodies/while.ts";
import { Graph } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import { copyNodes } from "../../ir/walks/copy-graph.ts";
import { idsUnder } from "../../ir/walks/traverse.ts";
import { resizedNode } from "../forms/resized-node.ts";
import { withBodies } from "./reform.ts";

/** The operation with other sizes, in its bodies and in the number of its steps. */
export const resized: Resize = (operation, size) => {
  const other = withBodies(operation, (body) => resizedBody(body, size));
  if (other.kind === "scan") return scanWith(other.body, { ...other, length: size(other.length) });
  return other.kind === "while" ? whileWith(other.body, { ...other, limit: size(other.limit) }) : other;
};

function resizedBody({ parameters, roots }: Body, size: (integer: Integer) => Integer): Body {
  const nodes = [...parameters, ...roots];
  const ids = idsUnder(nodes);
  const copyOf = copyNodes(nodes, new Graph(), new Map(), ids, (node, to, copied) =>
    resizedNode(size, node, to, copied),
  );
  return bodyOf(parameters.map(copyOf), roots.map(copyOf));
}
