import { isOfBody } from "../bodies/body.ts";
import type { Expr } from "../graph.ts";
import { inherited } from "./inherited.ts";

/** Whether a parameter, varied data or a stand-in is behind a node. */
const varies = inherited((graph, id) =>
  graph.kindOf(id) === "leaf" ? graph.leafOf(id).role !== "data" || isOfBody(graph) : undefined,
);

/** Whether data, sizes and constants alone are behind a node. */
export const followsFromData = ({ graph, id }: Expr): boolean => !varies(graph, id);

const dataBehind = inherited((graph, id) =>
  graph.kindOf(id) === "leaf" ? graph.leafOf(id).role === "data" : undefined,
);

/** Whether data are behind a node. */
export const holdsData = ({ graph, id }: Expr): boolean => dataBehind(graph, id);
