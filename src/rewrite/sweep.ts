import type { Expr, Graph } from "../ir/graph.ts";
import type { Primitive } from "../ir/primitive.ts";
import { reachableIds } from "../ir/traverse.ts";
import type { SizeHints } from "./cost.ts";
import type { Facts } from "./facts.ts";
import type { Context, Root, Rule } from "./rule.ts";

/** Told of every rewrite: the node a rule saw, with its operands already rewritten, and what took its place. */
export type Note = (node: Expr, rule: Rule, replacement: Expr) => void;

/** A node that starts more rewrites than this is left as it stands: no rule set as written comes near. */
const mostFirings = 500;

/** A node on its way: as it was met, rebuilt over rewritten operands, and what a rule made of it. */
interface Frame {
  readonly id: number;
  current: number;
  forward: number;
}

/**
 * One pass over a graph, operands first. Each node is rebuilt over its rewritten operands; then rules apply to it, and
 * to what they make of it, until none does. Nodes are walked by id and an explicit stack: depth costs nothing.
 */
export class Sweep implements Context {
  readonly graph: Graph;
  readonly facts: Facts;
  readonly hints: SizeHints;
  firings = 0;
  private readonly rules: RuleIndex;
  private readonly note: Note | undefined;
  /** The final form by id; -1 while unknown. */
  private readonly final: number[];
  private readonly uses: number[];

  constructor(facts: Facts, hints: SizeHints, rules: RuleIndex, note: Note | undefined, graph: Graph) {
    this.graph = graph;
    this.facts = facts;
    this.hints = hints;
    this.rules = rules;
    this.note = note;
    this.final = new Array<number>(graph.length).fill(-1);
    this.uses = new Array<number>(graph.length).fill(0);
  }

  readonly usesOfId = (id: number): number => this.uses[id] || 1;

  readonly usesOf = (node: Expr): number => this.usesOfId(node.id);

  run(roots: readonly Expr[]): Expr[] {
    const rootIds = roots.map(({ id }) => id);
    for (const id of rootIds) this.acquire(id, 1);
    for (const id of reachableIds(this.graph, rootIds)) this.settle(id);
    return rootIds.map((id) => this.graph.expr(this.final[id]!));
  }

  private finalOf(id: number): number {
    return this.final[id] ?? -1;
  }

  private settle(start: number): void {
    const stack: Frame[] = [{ id: start, current: start, forward: -1 }];
    const underWay = new Set<number>();
    const limit = this.firings + mostFirings;
    while (stack.length > 0) {
      const frame = stack[stack.length - 1]!;
      if (frame.forward >= 0) {
        this.finish(frame, this.finalOf(frame.forward), underWay);
        stack.pop();
        continue;
      }
      if (this.finalOf(frame.id) >= 0) {
        stack.pop();
        continue;
      }
      if (this.pushOperands(frame.id, stack, underWay)) continue;
      frame.current = this.rebuild(frame.id);
      const known = this.finalOf(frame.current);
      if (known >= 0 || underWay.has(frame.current)) {
        this.finish(frame, known >= 0 ? known : frame.current, underWay);
        stack.pop();
        continue;
      }
      const replacement = this.firings < limit ? this.fire(frame.current) : -1;
      if (replacement < 0 || underWay.has(replacement)) {
        this.finish(frame, frame.current, underWay);
        stack.pop();
        continue;
      }
      this.succeed(frame.current, replacement);
      frame.forward = replacement;
      underWay.add(frame.id).add(frame.current);
      if (this.finalOf(replacement) < 0) stack.push({ id: replacement, current: replacement, forward: -1 });
    }
  }

  private finish(frame: Frame, final: number, underWay: Set<number>): void {
    this.final[frame.current] = final;
    this.final[frame.id] = final;
    underWay.delete(frame.current);
    underWay.delete(frame.id);
  }

  /** Operands come first; one that is being rewritten right now stands for itself. */
  private pushOperands(id: number, stack: Frame[], underWay: ReadonlySet<number>): boolean {
    const before = stack.length;
    for (let k = this.graph.operandCount(id) - 1; k >= 0; k--) {
      const operand = this.graph.operandAt(id, k);
      if (this.finalOf(operand) >= 0 || underWay.has(operand)) continue;
      stack.push({ id: operand, current: operand, forward: -1 });
    }
    return stack.length > before;
  }

  private rebuild(id: number): number {
    const { graph } = this;
    let isChanged = false;
    for (let k = graph.operandCount(id) - 1; k >= 0 && !isChanged; k--) {
      const operand = graph.operandAt(id, k);
      const final = this.finalOf(operand);
      isChanged = final >= 0 && final !== operand;
    }
    if (!isChanged) return id;
    const operands = graph.operandIds(id).map((operand) => {
      const final = this.finalOf(operand);
      return graph.expr(final >= 0 ? final : operand);
    });
    const rebuilt = graph.withOrigin(graph.originOf(id), () => graph.withOperands(id, operands)).id;
    if (rebuilt === id) return id;
    if (this.uses[rebuilt]) this.succeed(id, rebuilt);
    else [this.uses[rebuilt], this.uses[id]] = [this.uses[id] ?? 0, 0];
    return rebuilt;
  }

  // Use counts are kept as references: an operand loses one when the last user of its user is gone.

  /** Whoever used `id` uses its successor from now on. */
  private succeed(id: number, successor: number): void {
    const users = this.uses[id] ?? 0;
    this.acquire(successor, users);
    this.release(id, users);
  }

  private acquire(start: number, users: number): void {
    const pending = [start];
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      const before = this.uses[id] ?? 0;
      this.uses[id] = before + (id === start ? users : 1);
      if (before > 0 || (id === start && users === 0)) continue;
      for (let k = this.graph.operandCount(id) - 1; k >= 0; k--) pending.push(this.graph.operandAt(id, k));
    }
  }

  private release(start: number, users: number): void {
    const pending = [start];
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      const before = this.uses[id] ?? 0;
      const after = Math.max(0, before - (id === start ? users : 1));
      this.uses[id] = after;
      if (before === 0 || after > 0) continue;
      for (let k = this.graph.operandCount(id) - 1; k >= 0; k--) {
        const operand = this.graph.operandAt(id, k);
        const final = this.finalOf(operand);
        pending.push(final >= 0 ? final : operand);
      }
    }
  }

  private fire(id: number): number {
    const rules = this.rules.of(this.graph, id);
    if (rules.length === 0) return -1;
    const node = this.graph.expr(id);
    for (const rule of rules) {
      const replacement = this.graph.withOrigin(this.graph.originOf(id), () => rule.apply(node, this));
      if (!replacement || replacement === node) continue;
      // a rule may be too general about types; what it makes must fit
      if (replacement.dtype !== node.dtype || this.graph.shapeIdOf(replacement.id) !== this.graph.shapeIdOf(id))
        continue;
      this.firings++;
      this.note?.(node, rule, replacement);
      return replacement.id;
    }
    return -1;
  }
}

/** Rules by the node they start from. */
export class RuleIndex {
  private readonly byRoot = new Map<Root, Rule[]>();
  private readonly byPrimitive = new Map<Primitive, readonly Rule[]>();

  constructor(rules: readonly Rule[]) {
    for (const rule of rules) {
      for (const root of rule.roots) this.byRoot.set(root, [...(this.byRoot.get(root) ?? []), rule]);
    }
  }

  of(graph: Graph, id: number): readonly Rule[] {
    const kind = graph.kindOf(id);
    if (kind === "map") return this.ofPrimitive(graph.primitiveOf(id));
    return kind === "contraction" || kind === "reduce" ? (this.byRoot.get(kind) ?? []) : [];
  }

  private ofPrimitive(primitive: Primitive): readonly Rule[] {
    const known = this.byPrimitive.get(primitive);
    if (known) return known;
    const rules = [...(this.byRoot.get(primitive) ?? []), ...(this.byRoot.get("map") ?? [])];
    this.byPrimitive.set(primitive, rules);
    return rules;
  }
}
