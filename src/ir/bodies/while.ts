import { ShapeError } from "../errors.ts";
import type { Extension } from "../extension.ts";
import { type Expr, Graph, showShape } from "../graph.ts";
import type { Integer } from "../integer.ts";
import { type BodyOperation, typeKey, type ValueType } from "../operation.ts";
import { applied, type Body, bodyOf } from "./body.ts";

/**
 * A loop of unknown length: while the condition holds of the carries, and at most `limit` times, the body gives the next
 * ones.
 *
 *   operands:  first carries, constants
 *   results:   last carries, the number of steps that were taken (int)
 */
export interface While extends BodyOperation {
  readonly kind: "while";
  readonly limit: Integer;
  /** Whether the model states the limit: reverse mode keeps the carries of so many steps. */
  readonly isLimited: boolean;
  /** Parameters: carries, constants. Roots: next carries, the condition (bool). */
  readonly body: Body;
  readonly carries: number;
}

/** A while with its body as nodes of any graph: variables in the place of parameters. */
export interface WhileDraft {
  readonly extension: Extension;
  readonly limit: Integer;
  readonly isLimited: boolean;
  readonly carries: readonly Expr[];
  readonly constants: readonly Expr[];
  readonly next: readonly Expr[];
  readonly condition: Expr;
}

/** The operation of a draft. Throws ShapeError where a carry changes its type. */
export function whileOf({ extension, limit, isLimited, carries, constants, next, condition }: WhileDraft): While {
  for (const [k, value] of next.entries()) {
    if (typeKey(value) === typeKey(carries[k]!)) continue;
    const [was, becomes] = [carries[k]!, value].map(({ dtype, shape }) => `${dtype}${showShape(shape)}`);
    throw new ShapeError(`a carry keeps its type from step to step: it begins as ${was}, and becomes ${becomes}.`);
  }
  return whileWith(bodyOf([...carries, ...constants], [...next, condition]), {
    extension,
    limit,
    isLimited,
    carries: carries.length,
  });
}

/** The while of a body. */
export function whileWith(body: Body, counts: Pick<While, "extension" | "limit" | "isLimited" | "carries">): While {
  const { extension, limit, isLimited, carries } = counts;
  const typeOf = ({ dtype, shape }: Expr): ValueType => ({ dtype, shape });
  return {
    kind: "while",
    name: "while",
    extension,
    limit,
    isLimited,
    carries,
    body,
    key: `while ${limit.key} ${isLimited} ${carries}\n${body.key}`,
    operands: body.parameters.map(typeOf),
    results: [...body.roots.slice(0, -1).map(typeOf), { dtype: "int", shape: [] }],
  };
}

/** The while in a graph of its own, with variables in the place of parameters. */
export function whileDraftOf({ extension, body, limit, isLimited, carries }: While): WhileDraft {
  const graph = new Graph();
  const variables = body.parameters.map(({ shape, dtype }) => graph.variable(shape, dtype));
  const roots = applied(body, graph, variables);
  return {
    extension,
    limit,
    isLimited,
    carries: variables.slice(0, carries),
    constants: variables.slice(carries),
    next: roots.slice(0, -1),
    condition: roots.at(-1)!,
  };
}
