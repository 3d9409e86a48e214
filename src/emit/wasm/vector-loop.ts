import { neutralElement } from "../../ir/contraction.ts";
import { Integer } from "../../ir/integer.ts";
import type { Accumulate, Buffer, Loop, Statement, Temporary } from "../../lower/program/loops.ts";
import { visitValue } from "../../lower/program/rewrite-statements.ts";
import { vectorLoops } from "../../lower/vectors.ts";
import { Arithmetic, type Term } from "./arithmetic.ts";
import type { Captured } from "./encode.ts";
import { type Fork, forkOf, type Path } from "./fork.ts";
import { inlineIndices } from "./inline-indices.ts";
import { type LaneNest, Lanes } from "./lanes.ts";
import { writeLoad } from "./places.ts";
import { Scope } from "./scope.ts";
import type { Statements } from "./statements.ts";
import { type Source, Values } from "./values.ts";
import { planVectorLoop, type Slide, type VectorPlan } from "./vector-plan.ts";

/** Writes a loop two iterations at a time, where it can be; false where it cannot. */
export function writeVectorLoop(loop: Loop, statements: Statements): boolean {
  const inlined = inlineIndices(loop);
  const plan = planVectorLoop(inlined, statements.context.ordered);
  if (!plan) return false;
  new VectorLoop(inlined, loop, statements, plan).write();
  return true;
}

/** How programs are lowered for this printer. */
export const forVectors = vectorLoops((loop) => planVectorLoop(inlineIndices(loop), false) !== undefined);

/** Iterations of an inner loop that are written one after the other where their number is known. */
const mostUnrolled = 4;

/**
 * The loop in turns of several copies of its body, each for two iterations, then in turns of one copy; an iteration
 * that is left over is written as it stands. Loops inside run once for all copies.
 */
class VectorLoop implements LaneNest {
  readonly loop: Loop;
  /** The loop as one iteration alone is written. */
  private readonly original: Loop;
  readonly statements: Statements;
  readonly plan: VectorPlan;
  readonly scopes: Scope[];
  path: Path | undefined;
  private readonly fork: Fork | undefined;
  private readonly a: Arithmetic;
  private readonly index: number;
  private readonly slides = new Map<Slide, number>();
  /** The collectors' vectors, one for each copy. */
  private readonly collected = new Map<Temporary | Statement, number[]>();

  constructor(loop: Loop, original: Loop, statements: Statements, plan: VectorPlan) {
    this.loop = loop;
    this.original = original;
    this.statements = statements;
    this.plan = plan;
    const { code, places } = statements.context;
    this.a = new Arithmetic(code, true);
    this.index = places.variable(loop.variable);
    this.scopes = [new Scope(loop, code, places)];
    this.fork = forkOf(loop.body);
  }

  write(): void {
    const { loop, index } = this;
    const { code, places } = this.statements.context;
    const { copies } = this.plan;
    const [from, to] = [loop.from[0]!.value, loop.to[0]!.value];
    if (loop.from.length === 1 && loop.to.length === 1 && from !== undefined && to === from + 2 * copies) {
      // one turn is all there is
      const all = code.capture(() => this.turn(copies));
      code.i32(from);
      code.set(index);
      this.prepare();
      code.append(all);
      code.i32(to);
      code.set(index);
      this.finish();
      return;
    }
    const advance = (iterations: number) => {
      code.get(index);
      code.i32(iterations);
      code.op("i32.add");
    };
    const many = code.capture(() => this.turn(copies));
    const one = copies > 1 ? code.capture(() => this.turn(1)) : undefined;
    // pointers are known once all bodies are
    const turns = (body: Captured, count: number) => () => {
      code.append(body);
      this.scopes[0]!.advance(2 * count);
      advance(2 * count);
      code.set(index);
    };
    const limit = code.local("i32");
    places.extreme(loop.to, "i32.lt_s");
    code.set(limit);
    places.extreme(loop.from, "i32.gt_s");
    code.set(index);
    const remain = (iterations: number) => () => {
      advance(iterations);
      code.get(limit);
      code.op("i32.le_s");
    };
    remain(2)();
    code.open("if");
    this.prepare();
    this.statements.repeat(remain(2 * copies), turns(many, copies));
    if (one) this.statements.repeat(remain(2), turns(one, 1));
    this.finish();
    code.op("end");
    remain(1)();
    code.open("if");
    this.statements.block(this.original.body);
    code.op("end");
  }

  private prepare(): void {
    const { code } = this.statements.context;
    this.scopes[0]!.writePrepared();
    for (const [key, locals] of this.collected) {
      for (const local of locals) {
        code.f64x2(neutralElement[this.combineOf(key)]);
        code.set(local);
      }
    }
    for (const carried of this.slides.values()) {
      code.f64x2(0);
      code.set(carried);
    }
  }

  private finish(): void {
    for (const key of this.collected.keys()) this.collect(key);
    const { code, places } = this.statements.context;
    for (const [{ lower }, carried] of this.slides) {
      this.addTo(lower.buffer, places.address(lower.buffer, lower.address), () => {
        code.get(carried);
        code.indexed("f64x2.extract_lane", 1);
      });
    }
  }

  /** Adds to the element whose address is on the stack. */
  private addTo(buffer: Buffer, offset: number, value: Term): void {
    const { code } = this.statements.context;
    const at = code.local("i32");
    code.tee(at);
    code.get(at);
    writeLoad(code, buffer, offset);
    value();
    code.op("f64.add");
    code.access("f64.store", { align: 3, offset });
  }

  carried(slide: Slide): number {
    const known = this.slides.get(slide) ?? this.statements.context.code.local("v128");
    this.slides.set(slide, known);
    return known;
  }

  private turn(copies: number): void {
    const lanes = Array.from({ length: copies }, (_, copy) => new Lanes(this, copy));
    if (this.fork) this.forked(this.fork, lanes);
    else this.block(this.loop.body, lanes);
  }

  /** The body with a way of its own for when a condition comes out in all iterations as it does nearly always. */
  private forked({ at, condition, expected, path, late }: Fork, lanes: readonly Lanes[]): void {
    const { code } = this.statements.context;
    const { body } = this.loop;
    const rest = body.slice(at + 1);
    this.block(
      body.slice(0, at + 1).filter((statement) => !late.includes(statement)),
      lanes,
    );
    const [first, ...others] = lanes.map((copy) => copy.temporary(condition));
    others.reduce((x, y) => (expected ? this.a.and(x, y) : this.a.or(x, y)), first!)();
    code.op(expected ? "i64x2.all_true" : "v128.any_true");
    if (!expected) code.op("i32.eqz");
    code.open("if");
    this.path = path;
    this.block(rest, lanes);
    this.path = undefined;
    code.op("else");
    this.block([...late, ...rest], lanes);
    code.op("end");
  }

  /** Each statement for all copies, before the next: their instructions do not wait for each other. */
  private block(body: readonly Statement[], lanes: readonly Lanes[]): void {
    for (let k = 0; k < body.length; k++) {
      const statement = body[k]!;
      if (this.path?.needed.has(statement) === false) continue;
      const terms = this.termsFrom(body, k);
      if (terms.length > 1) {
        for (const copy of lanes) copy.addAll(terms);
        k += terms.length - 1;
      } else if (statement.kind === "for") this.innerLoop(statement, lanes);
      else if (statement.kind === "let" && this.plan.isUniform(statement.temporary)) {
        lanes[0]!.statement(statement);
        for (const copy of lanes.slice(1)) copy.share(statement.temporary, lanes[0]!);
      } else if (statement.kind === "index" && !this.plan.varies(Integer.iterator(statement.variable))) {
        this.statements.statement(statement);
      } else for (const copy of lanes) copy.statement(statement);
    }
  }

  /** The statements from one on that add to the same element. */
  private termsFrom(body: readonly Statement[], from: number): Accumulate[] {
    const first = body[from]!;
    const { elements, slides, motion } = this.plan;
    const isAlone = (each: Accumulate) =>
      elements.includes(each) || slides.some(({ lower, upper }) => lower === each || upper === each);
    if (first.kind !== "accumulate" || isAlone(first) || motion(first.address) === "free") return [];
    const terms = [first];
    for (let next = body[from + 1]; next?.kind === "accumulate"; next = body[from + terms.length]) {
      const { buffer, address, combine } = next;
      if (buffer !== first.buffer || combine !== first.combine || !address.equals(first.address)) break;
      if (readsFrom(next, buffer)) break;
      terms.push(next);
    }
    return terms;
  }

  /** A loop that all iterations of the outer one run alike. */
  private innerLoop(loop: Loop, lanes: readonly Lanes[]): void {
    const { code, places } = this.statements.context;
    const [first, last] = [loop.from[0]!.value, loop.to[0]!.value];
    if (loop.from.length === 1 && loop.to.length === 1 && first !== undefined && last !== undefined) {
      if (last - first <= mostUnrolled * loop.step) {
        for (let at = first; at < last; at += loop.step) {
          code.i32(at);
          code.set(places.variable(loop.variable));
          this.block(loop.body, lanes);
        }
        return;
      }
    }
    const scope = new Scope(loop, code, places);
    const variable = places.variable(loop.variable);
    const limit = code.local("i32");
    const body = code.capture(() => {
      this.scopes.push(scope);
      this.block(loop.body, lanes);
      this.scopes.pop();
      scope.advance(loop.step);
      code.get(variable);
      code.i32(loop.step);
      code.op("i32.add");
      code.set(variable);
    });
    places.extreme(loop.to, "i32.lt_s");
    code.set(limit);
    places.extreme(loop.from, "i32.gt_s");
    code.set(variable);
    const remain = () => {
      code.get(variable);
      code.get(limit);
      code.op("i32.lt_s");
    };
    remain();
    code.open("if");
    scope.writePrepared();
    this.statements.repeat(remain, () => code.append(body));
    code.op("end");
  }

  /** The vector in which a copy collects terms of a temporary, or of an element. */
  collector(key: Temporary | Statement, copy: number): number {
    const locals = this.collected.get(key) ?? [];
    this.collected.set(key, locals);
    locals[copy] ??= this.statements.context.code.local("v128");
    return locals[copy];
  }

  private combineOf(key: Temporary | Statement) {
    return "combine" in key ? key.combine : this.plan.reductions.get(key as Temporary)!;
  }

  /** Joins the copies' vectors, then their two numbers, with what was there. */
  private collect(key: Temporary | Statement): void {
    const { statements, a } = this;
    const { code, places } = statements.context;
    const how = this.combineOf(key);
    const wide = new Values(a, noSource, statements.context.functions);
    const [first, ...rest] = this.collected.get(key)!.map(
      (local): Term =>
        () =>
          code.get(local),
    );
    const vector = rest.reduce((x, y) => a.name(wide.combine(how, x, y)), first!);
    const lane =
      (k: number): Term =>
      () => {
        vector();
        code.indexed("f64x2.extract_lane", k);
      };
    const { values } = statements;
    const both = values.a.name(values.combine(how, values.a.name(lane(0)), lane(1)));
    if (key.kind === "temporary") {
      const target = statements.local(key);
      values.combine(how, () => code.get(target), both)();
      code.set(target);
      return;
    }
    const { buffer, address } = key as Accumulate;
    const at = code.local("i32");
    const offset = places.address(buffer, address);
    code.set(at);
    const old = values.a.name(() => {
      code.get(at);
      writeLoad(code, buffer, offset);
    });
    const result = values.a.name(values.combine(how, old, both));
    code.get(at);
    result();
    code.access("f64.store", { align: 3, offset });
  }
}

/** Of what needs no numbers from elsewhere. */
const noSource: Source = {
  temporary: nothing,
  integer: nothing,
  load: nothing,
  guarded: nothing,
  branch: nothing,
};

function nothing(): never {
  throw new Error("internal: there is nothing to read");
}

function readsFrom({ value }: Accumulate, buffer: Buffer): boolean {
  let reads = false;
  visitValue(value, (inner) => {
    if (inner.kind === "load" && inner.buffer === buffer) reads = true;
  });
  return reads;
}
