import type { Expr, Graph } from "../../ir/graph.ts";
import type { Primitive } from "../../ir/primitive.ts";
import type { SizeHints } from "../cost.ts";
import type { Facts } from "../facts/facts.ts";
import type { Context, Rule } from "../rule.ts";
import type { NodeNumbers } from "./node-numbers.ts";
import type { References } from "./references.ts";
import { type RuleTable, rootless, type Untried } from "./rule-table.ts";
import type { Settled } from "./settled.ts";

/** Told of every rewrite: the node a rule saw, with its operands already rewritten, and what took its place. */
export type Note = (node: Expr, rule: Rule, replacement: Expr) => void;

/** A node that starts more rewrites than this, for each node that the first of them makes, is left as it stands. */
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
  private readonly table: RuleTable;
  /** The bit of its rules in the table. */
  private readonly set: number;
  private readonly note: Note | undefined;
  private readonly settled: Settled;
  /** One more than the id of the final form; 0 while that is not known. */
  private readonly final: NodeNumbers;
  private readonly references: References;
  private readonly stack: Frame[] = [];
  /** True once a rule has left the node at hand to its user. */
  private isLeft = false;
  /** Nodes that a rule has fired on and whose replacement is not final yet. */
  private readonly underWay = new Set<number>();
  /** What the rules asked about the node they look at: twice an id, plus one where the answer was yes. */
  private readonly asked: number[] = [];
  private askedCount = 0;
  /** Sets that are known to leave a node alone, as met last, and what they leave of the rules. */
  private lastKnown = 0;
  private lastRest: Untried | undefined;
  /** The node that rules look at, and which do. */
  private lookedAt = 0;
  private looking: readonly Rule[] = [];

  constructor(settled: Settled, hints: SizeHints, table: RuleTable, set: number, note: Note | undefined) {
    this.graph = settled.graph;
    this.facts = settled.facts;
    this.hints = hints;
    this.table = table;
    this.set = set;
    this.note = note;
    this.settled = settled;
    this.final = settled.final;
    this.references = settled.references;
    this.final.clear();
    settled.profiles.refresh();
    this.lastRest = table.rest(set, 0);
  }

  readonly isShared = (id: number): boolean => {
    const isShared = this.settled.isShared(id);
    this.asked[this.askedCount++] = 2 * id + (isShared ? 1 : 0);
    return isShared;
  };

  readonly isUsed = (id: number): boolean => this.references.usesOf(id) > 0;

  readonly isTakenBy = (id: number, primitive: Primitive): boolean => {
    const user = this.references.lastUserOf(id);
    if (user < 0 || this.graph.kindOf(user) !== "map" || this.graph.primitiveOf(user) !== primitive) return false;
    this.isLeft = this.references.usesOf(id) === 1;
    return this.isLeft;
  };

  run(roots: readonly Expr[]): Expr[] {
    const rootIds = roots.map(({ id }) => id);
    const { settled } = this;
    const ids = this.references.count(rootIds);
    const unchanging = settled.unchanged === ids ? settled.unchanging : 0;
    const rest = this.table.rest(this.set, unchanging);
    // where nothing has changed, the answers are those of before
    if (!unchanging) settled.lookOver(ids);
    for (let at = 0; rest && at < ids.length; at++) {
      const id = ids[at]!;
      const mayChange = !unchanging || this.firings > 0 || rest.among(settled.profiles.of(id)).length > 0;
      if (!mayChange) this.final.set(id, id + 1);
      else if (!this.isFinal(id)) this.visit(id);
    }
    this.graph.names.pass(this.formOf);
    this.visited = ids.length;
    settled.unchanged = ids;
    settled.unchanging = this.firings > 0 ? 0 : unchanging | this.set;
    return rootIds.map((id) => this.graph.expr(this.formOf(id)));
  }

  /** Settles a node of the graph as it was met: there operands come before users, and are final. */
  private visit(id: number): void {
    const current = this.firings === 0 ? id : this.rebuild(id);
    if (current !== id && this.isFinal(current)) {
      this.final.set(id, this.formOf(current) + 1);
      return;
    }
    const rules = this.rulesFor(current);
    if (rules.length > 0) this.settle(id, current, rules);
    else {
      // most nodes of most sweeps: no rule looks at them
      if (rules !== rootless) this.settled.note(current, this.set, this.asked, 0);
      this.finish(id, current, current);
    }
  }

  private isFinal(id: number): boolean {
    return this.final.at(id) > 0;
  }

  /** Lets rules look at a node over final operands, and at what they make of it, until none changes it. */
  private settle(start: number, rebuilt: number, rules: readonly Rule[]): void {
    const before = this.graph.length;
    const first = this.step(start, rebuilt, rules);
    if (!first) return;
    // a sum of thousands of terms becomes hundreds of sums, each with rewrites of its own
    const limit = this.firings + mostFirings * Math.max(1, this.graph.length - before);
    const { stack } = this;
    stack.push(first);
    for (let id = first.forward; ; ) {
      if (!this.isFinal(id) && !this.pushOperands(id, stack)) {
        const current = this.rebuild(id);
        const mayFire = !this.isFinal(current) && !this.underWay.has(current) && this.firings < limit;
        const frame = this.step(id, current, mayFire ? this.rulesFor(current) : rootless);
        if (frame) stack.push(frame);
      }
      // go on with what the top of the stack waits for, or with the top itself once that is final
      let top = stack.pop();
      while (top && top.forward >= 0 && this.isFinal(top.forward)) {
        this.finish(top.id, top.current, this.formOf(top.forward));
        top = stack.pop();
      }
      if (!top) return;
      if (top.forward >= 0) stack.push(top);
      id = top.forward >= 0 ? top.forward : top.id;
    }
  }

  /** Lets rules look at a node that has been rebuilt: a frame that waits for what one made of it. */
  private step(id: number, current: number, rules: readonly Rule[]): Frame | undefined {
    const replacement = this.fire(current, rules);
    if (replacement < 0 || this.underWay.has(replacement)) {
      this.finish(id, current, this.formOf(current));
      return undefined;
    }
    this.references.succeed(current, replacement, this.formOf);
    this.underWay.add(id).add(current);
    return { id, current, forward: replacement };
  }

  private finish(id: number, current: number, final: number): void {
    this.final.set(current, final + 1);
    this.final.set(id, final + 1);
    if (this.underWay.size === 0) return;
    this.underWay.delete(current);
    this.underWay.delete(id);
  }

  /** Operands come first; one that is being rewritten right now stands for itself. */
  private pushOperands(id: number, stack: Frame[]): boolean {
    const before = stack.length;
    for (let k = this.graph.operandCount(id) - 1; k >= 0; k--) {
      const operand = this.graph.operandAt(id, k);
      if (this.isFinal(operand) || this.underWay.has(operand)) continue;
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
      const operands = graph.operandIds(id);
      for (let at = k; at < count; at++) operands[at] = this.formOf(operands[at]!);
      const rebuilt = graph.withOperandIds(id, operands);
      if (this.references.usesOf(rebuilt) > 0) this.references.succeed(id, rebuilt, this.formOf);
      else if (rebuilt !== id) this.references.move(id, rebuilt);
      return rebuilt;
    }
    return id;
  }

  private readonly formOf = (id: number): number => {
    const final = this.final.at(id);
    return final > 0 ? final - 1 : id;
  };

  /** The first replacement that a rule has for the node; negative where none has. */
  private fire(id: number, rules: readonly Rule[]): number {
    if (rules === rootless) return -1;
    this.isLeft = false;
    let fired = -1;
    if (rules.length > 0) {
      this.lookedAt = id;
      this.looking = rules;
      fired = this.graph.withOrigin(this.graph.originOf(id), this.fireFirst);
    }
    if (fired < 0 && !this.isLeft) this.settled.note(id, this.set, this.asked, this.askedCount);
    this.askedCount = 0;
    return fired;
  }

  /** The rules that may still change a node, by what its operands are; `rootless` where none start from such nodes. */
  private rulesFor(id: number): readonly Rule[] {
    const { settled } = this;
    const known = settled.knownOf(id);
    if (known !== this.lastKnown) {
      this.lastKnown = known;
      this.lastRest = this.table.rest(this.set, known);
    }
    return this.lastRest ? this.lastRest.among(settled.profiles.of(id)) : rootless;
  }

  private readonly fireFirst = (): number => {
    const { graph, lookedAt: id } = this;
    const node = graph.expr(id);
    for (const rule of this.looking) {
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
  };
}
