import { writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { diagramOf } from "../../src/cli/graph/diagram.ts";
import { dotText } from "../../src/cli/graph/dot.ts";
import { layOut } from "../../src/cli/graph/layout.ts";
import { svgText } from "../../src/cli/graph/svg.ts";
import { subjectOf } from "../../src/cli/subject.ts";
import { Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { add, mul, neg } from "../../src/ops/algebra.ts";
import { softplus } from "../../src/ops/activation.ts";
import * as composites from "../../src/ops/composites.ts";
import * as contractions from "../../src/ops/contractions.ts";

it("draws", async () => {
  const graph = new Graph();
  const n = Integer.named("n"), d = Integer.named("d");
  const w = graph.param("w", [d]), b = graph.param("b", []);
  const X = graph.data("X", [n, d]), y = graph.data("y", [n]);
  const z = add(contractions.matmul(X, w), contractions.broadcastTo ? (contractions as any).broadcastTo(b, [n]) : b);
  const margin = mul(y, z);
  const loss = add(composites.mean(softplus(neg(margin))), mul(graph.constant(0.0005), contractions.dot(w, w)));
  const model = { name: "logistic", graph, parameters: [{ name: "w", expr: w }, { name: "b", expr: b }], data: [{ name: "X", expr: X }, { name: "y", expr: y }], loss, outputs: new Map() };
  for (const of of ["loss", "gradient", "hvp"]) {
    const s = subjectOf(model as any, of, undefined);
    const diagram = diagramOf(s.title, s.simplified, s.directions);
    writeFileSync(`/tmp/${of}.svg`, svgText(await layOut(diagram)));
    writeFileSync(`/tmp/${of}.dot`, dotText(diagram));
  }
});
