import type { Expr, Graph } from "../ir/graph.ts";
import type { Primitive } from "../ir/primitive.ts";
import { reachableIds } from "../ir/traverse.ts";
import type { SizeHints } from "./cost.ts";
import type { Facts } from "./facts.ts";
import type { Context, Ingredient, Root, Rule } from "./rule.ts";

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
  visited = 0;
  private readonly rules: RuleIndex;
  private readonly note: Note | undefined;
  private readonly final = new NodeNumbers(-1);
  private readonly uses = new NodeNumbers(0);
  /** Nodes that a rule has fired on and whose replacement is not final yet. */
  private readonly underWay = new Set<number>();

  constructor(facts: Facts, hints: SizeHints, rules: RuleIndex, note: Note | undefined, graph: Graph) {
    this.graph = graph;
    this.facts = facts;
    this.hints = hints;
    this.rules = rules;
    this.note = note;
  }

  readonly usesOfId = (id: number): number => this.uses.at(id) || 1;

  readonly usesOf = (node: Expr): number => this.usesOfId(node.id);

  run(roots: readonly Expr[]): Expr[] {
    const rootIds = roots.map(({ id }) => id);
    for (const id of rootIds) this.acquire(id, 1);
    for (const id of reachableIds(this.graph, rootIds)) {
      this.visited++;
      if (this.final.at(id) < 0) this.settle(id);
    }
    return rootIds.map((id) => this.graph.expr(this.final.at(id)));
  }

  private settle(start: number): void {
    const limit = this.firings + mostFirings;
    const stack: Frame[] = [];
    let id = start;
    for (;;) {
      if (this.final.at(id) < 0 && !this.pushOperands(id, stack)) {
        const frame = this.step(id, limit);
        if (frame) stack.push(frame);
      }
      // go on with what the top of the stack waits for, or with the top itself once that is final
      let top = stack.pop();
      while (top && top.forward >= 0 && this.final.at(top.forward) >= 0) {
        this.finish(top, this.final.at(top.forward));
        top = stack.pop();
      }
      if (!top) return;
      if (top.forward >= 0) stack.push(top);
      id = top.forward >= 0 ? top.forward : top.id;
    }
  }

  /** Rebuilds a node whose operands are final, and lets rules look at it: a frame that waits for what one made of it. */
  private step(id: number, limit: number): Frame | undefined {
    const current = this.rebuild(id);
    const known = this.final.at(current);
    const replacement = known < 0 && !this.underWay.has(current) && this.firings < limit ? this.fire(current) : -1;
    const frame = { id, current, forward: replacement };
    if (replacement < 0 || this.underWay.has(replacement)) {
      this.finish(frame, known >= 0 ? known : current);
      return undefined;
    }
    this.succeed(current, replacement);
    this.underWay.add(id).add(current);
    return frame;
  }

  private finish({ id, current }: Frame, final: number): void {
    this.final.set(current, final);
    this.final.set(id, final);
    if (this.underWay.size === 0) return;
    this.underWay.delete(current);
    this.underWay.delete(id);
  }

  /** Operands come first; one that is being rewritten right now stands for itself. */
  private pushOperands(id: number, stack: Frame[]): boolean {
    const before = stack.length;
    for (let k = this.graph.operandCount(id) - 1; k >= 0; k--) {
      const operand = this.graph.operandAt(id, k);
      if (this.final.at(operand) >= 0 || this.underWay.has(operand)) continue;
      if (stack.length === before) stack.push({ id, current: id, forward: -1 });
      stack.push({ id: operand, current: operand, forward: -1 });
    }
    return stack.length > before;
  }

  /** The node over the final forms of its operands. */
  private rebuild(id: number): number {
    const { graph } = this;
    const count = graph.operandCount(id);
    for (let k = 0; k < count; k++) {
      if (this.formOf(graph.operandAt(id, k)) === graph.operandAt(id, k)) continue;
      const operands = graph.operandIds(id).map((operand) => graph.expr(this.formOf(operand)));
      const rebuilt = graph.withOrigin(graph.originOf(id), () => graph.withOperands(id, operands)).id;
      if (this.uses.at(rebuilt) > 0) this.succeed(id, rebuilt);
      else if (rebuilt !== id) {
        this.uses.set(rebuilt, this.uses.at(id));
        this.uses.set(id, 0);
      }
      return rebuilt;
    }
    return id;
  }

  private formOf(id: number): number {
    const final = this.final.at(id);
    return final >= 0 ? final : id;
  }

  // Use counts are kept as references: an operand loses one when the last user of its user is gone.

  /** Whoever used `id` uses its successor from now on. */
  private succeed(id: number, successor: number): void {
    const users = this.uses.at(id);
    this.acquire(successor, users);
    this.release(id, users);
  }

  private acquire(start: number, users: number): void {
    if (users === 0) return;
    const pending = [start];
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      const before = this.uses.at(id);
      this.uses.set(id, before + (id === start ? users : 1));
      if (before > 0) continue;
      for (let k = this.graph.operandCount(id) - 1; k >= 0; k--) pending.push(this.graph.operandAt(id, k));
    }
  }

  private release(start: number, users: number): void {
    const pending = [start];
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      const before = this.uses.at(id);
      const after = Math.max(0, before - (id === start ? users : 1));
      this.uses.set(id, after);
      if (before === 0 || after > 0) continue;
      for (let k = this.graph.operandCount(id) - 1; k >= 0; k--) pending.push(this.formOf(this.graph.operandAt(id, k)));
    }
  }

  private fire(id: number): number {
    const candidates = this.rules.of(this.graph, id);
    if (candidates.length === 0) return -1;
    return this.graph.withOrigin(this.graph.originOf(id), () => this.fireFirst(id, candidates));
  }

  private fireFirst(id: number, candidates: readonly Candidate[]): number {
    const { graph } = this;
    const node = graph.expr(id);
    const present = this.rules.presentAt(graph, id);
    for (const { rule, needed } of candidates) {
      if ((needed & present) !== needed) continue;
      const replacement = rule.apply(node, this);
      if (!replacement || replacement === node) continue;
      // a rule may be too general about types; what it makes must fit
      const fits = replacement.dtype === node.dtype && graph.shapeIdOf(replacement.id) === graph.shapeIdOf(id);
      if (!fits) continue;
      this.firings++;
      this.note?.(node, rule, replacement);
      return replacement.id;
    }
    return -1;
  }
}

/** A number for every node, in typed storage that grows; nodes not set have `initial`. */
class NodeNumbers {
  private numbers = new Int32Array(1024);
  private readonly initial: number;

  constructor(initial: number) {
    this.initial = initial;
  }

  at(id: number): number {
    return id < this.numbers.length ? this.numbers[id]! + this.initial : this.initial;
  }

  set(id: number, value: number): void {
    if (id >= this.numbers.length) {
      const larger = new Int32Array(2 * id);
      larger.set(this.numbers);
      this.numbers = larger;
    }
    this.numbers[id] = value - this.initial;
  }
}

/** A rule with the operands it needs, as a set of bits. */
interface Candidate {
  readonly rule: Rule;
  readonly needed: number;
}

/** Rules by the node they start from, and by the operands they need. */
export class RuleIndex {
  private readonly byRoot = new Map<Root, Candidate[]>();
  private readonly byPrimitive = new Map<Primitive, readonly Candidate[]>();
  /** Ingredients share 31 bits: two of one bit cost a look, no more. */
  private readonly bits = new Map<Ingredient, number>();

  constructor(rules: readonly Rule[]) {
    for (const rule of rules) {
      const needed = (rule.operands ?? []).reduce((bits, ingredient) => bits | this.bitOf(ingredient), 0);
      for (const root of rule.roots) this.byRoot.set(root, [...(this.byRoot.get(root) ?? []), { rule, needed }]);
    }
  }

  /** Rules that start from such a node. */
  of(graph: Graph, id: number): readonly Candidate[] {
    const kind = graph.kindOf(id);
    if (kind === "map") return this.ofPrimitive(graph.primitiveOf(id));
    return kind === "contraction" || kind === "reduce" ? (this.byRoot.get(kind) ?? []) : [];
  }

  /** The bits of a node's operands. */
  presentAt(graph: Graph, id: number): number {
    let present = 0;
    for (let k = graph.operandCount(id) - 1; k >= 0; k--) {
      const operand = graph.operandAt(id, k);
      const kind = graph.kindOf(operand);
      if (kind === "map") present |= this.bits.get(graph.primitiveOf(operand)) ?? 0;
      else if (kind === "constant") present |= this.bits.get("constant") ?? 0;
    }
    return present;
  }

  private bitOf(ingredient: Ingredient): number {
    const known = this.bits.get(ingredient) ?? 1 << (this.bits.size % 31);
    this.bits.set(ingredient, known);
    return known;
  }

  private ofPrimitive(primitive: Primitive): readonly Candidate[] {
    const known = this.byPrimitive.get(primitive);
    if (known) return known;
    const candidates = [...(this.byRoot.get(primitive) ?? []), ...(this.byRoot.get("map") ?? [])];
    this.byPrimitive.set(primitive, candidates);
    return candidates;
  }
}
