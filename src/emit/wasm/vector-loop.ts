import type { Guard } from "../../ir/contraction.ts";
import { neutralElement } from "../../ir/contraction.ts";
import { Integer } from "../../ir/integer.ts";
import type { Buffer, Statement, Temporary } from "../../lower/loops.ts";
import { arrayTypeOf } from "../print.ts";
import { Arithmetic, type Term } from "./arithmetic.ts";
import type { ValueType } from "./encode.ts";
import { bytesOf, lowestArray } from "./places.ts";
import { type Loop, type Statements, writeIndex, writeLoad } from "./statements.ts";
import { type Source, Values } from "./values.ts";
import { planVectorLoop, type VectorPlan } from "./vector-plan.ts";

/** Writes an innermost loop two iterations at a time, where it can be; false where it cannot. */
export function writeVectorLoop(loop: Loop, statements: Statements): boolean {
  const plan = planVectorLoop(loop, statements.context.ordered);
  if (!plan) return false;
  new VectorLoop(loop, statements, plan).write();
  return true;
}

type Collector = Extract<Statement, { kind: "combine" | "accumulate" }>;

/**
 * The loop in turns of several copies of its body, each for two iterations, then in turns of one copy; an iteration
 * that is left over is written as it stands. What no iteration changes is made before the first turn.
 */
class VectorLoop {
  private readonly loop: Loop;
  private readonly statements: Statements;
  private readonly plan: VectorPlan;
  private readonly a: Arithmetic;
  private readonly index: number;
  /** Locals made before the loop, and how. */
  private readonly prepared = new Map<string, { readonly local: number; readonly write: () => void }>();
  /** The collectors' vectors, one for each copy. */
  private readonly collected = new Map<Temporary | Statement, number[]>();

  constructor(loop: Loop, statements: Statements, plan: VectorPlan) {
    this.loop = loop;
    this.statements = statements;
    this.plan = plan;
    this.a = new Arithmetic(statements.context.code, true);
    this.index = statements.context.places.variable(loop.variable);
  }

  write(): void {
    const { loop, index } = this;
    const { code, places } = this.statements.context;
    const { copies } = this.plan;
    const many = code.capture(() => this.turn(copies));
    const one = copies > 1 ? code.capture(() => this.turn(1)) : undefined;
    const limit = code.local("i32");
    places.extreme(loop.to, "i32.lt_s");
    code.set(limit);
    places.extreme(loop.from, "i32.gt_s");
    code.set(index);
    const remain = (iterations: number) => () => {
      code.get(index);
      code.i32(iterations);
      code.op("i32.add");
      code.get(limit);
      code.op("i32.le_s");
    };
    remain(2)();
    code.open("if");
    for (const { local, write } of this.prepared.values()) {
      write();
      code.set(local);
    }
    for (const [key, locals] of this.collected) {
      for (const local of locals) {
        code.f64x2(neutralElement[this.combineOf(key)]);
        code.set(local);
      }
    }
    this.statements.repeat(remain(2 * copies), () => code.append(many));
    if (one) this.statements.repeat(remain(2), () => code.append(one));
    for (const key of this.collected.keys()) this.collect(key);
    code.op("end");
    remain(1)();
    code.open("if");
    this.statements.block(loop.body);
    code.op("end");
  }

  private turn(copies: number): void {
    const { code } = this.statements.context;
    for (let copy = 0; copy < copies; copy++) {
      const lanes = new Lanes(this.loop, this.statements, this.plan, copy, this);
      lanes.block(this.loop.body);
    }
    code.get(this.index);
    code.i32(2 * copies);
    code.op("i32.add");
    code.set(this.index);
  }

  /** A local whose value is made before the loop. */
  prepare(key: string, type: ValueType, write: () => void): number {
    const known = this.prepared.get(key);
    if (known) return known.local;
    const local = this.statements.context.code.local(type);
    this.prepared.set(key, { local, write });
    return local;
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
    if (!("kind" in key)) {
      const target = statements.local(key);
      values.combine(how, () => code.get(target), both)();
      code.set(target);
      return;
    }
    const { buffer, address } = key as Extract<Collector, { kind: "accumulate" }>;
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

/** One copy of the body: numbers of two iterations side by side. */
class Lanes implements Source {
  private readonly loop: Loop;
  private readonly statements: Statements;
  private readonly plan: VectorPlan;
  private readonly copy: number;
  private readonly whole: VectorLoop;
  private readonly values: Values;
  private readonly temporaries = new Map<Temporary, number>();
  /** Integer variables of the body: one local for each iteration. */
  private readonly variables = new Map<number, readonly [number, number]>();
  /** Where a condition is open: whether it holds in each iteration, and both as a mask. */
  private mask: { readonly lanes: readonly [number, number]; readonly vector: Term } | undefined;

  constructor(loop: Loop, statements: Statements, plan: VectorPlan, copy: number, whole: VectorLoop) {
    this.loop = loop;
    this.statements = statements;
    this.plan = plan;
    this.copy = copy;
    this.whole = whole;
    const { code, functions } = statements.context;
    this.values = new Values(new Arithmetic(code, true), this, functions);
  }

  private get code() {
    return this.statements.context.code;
  }

  private get places() {
    return this.statements.context.places;
  }

  block(body: readonly Statement[]): void {
    for (const statement of body) this.statement(statement);
  }

  private statement(statement: Statement): void {
    const { code, values } = this;
    switch (statement.kind) {
      case "let":
      case "start":
      case "assign":
        this.assign(statement.temporary, values.value(statement.value));
        return;
      case "index": {
        const lanes = [0, 1].map((lane) => {
          const local = code.local("i32");
          const narrow = this.statements.valuesWith(this.reader(lane));
          const { value } = statement;
          writeIndex(code, value, narrow, () => {
            if (value.kind === "integer") this.places.integer(value.integer, this.reader(lane));
          });
          code.set(local);
          return local;
        });
        this.variables.set(statement.variable, [lanes[0]!, lanes[1]!]);
        return;
      }
      case "combine": {
        const { temporary, combine } = statement;
        const isOwn = !this.plan.reductions.has(temporary);
        const target = isOwn ? this.temporaries.get(temporary)! : this.whole.collector(temporary, this.copy);
        this.collect(target, combine, statement);
        return;
      }
      case "accumulate":
        if (this.plan.elements.includes(statement))
          this.collect(this.whole.collector(statement, this.copy), statement.combine, statement);
        else this.accumulate(statement);
        return;
      case "store": {
        const { buffer, address } = statement;
        if (buffer.dtype === "bool") this.storeConditions(buffer, address, values.condition(statement.value));
        else this.store(buffer, address, values.real(statement.value));
        return;
      }
      case "when":
        this.under(statement.guards, () => this.block(statement.body));
        return;
      default:
        throw new Error(`internal: no vector holds ${statement.kind}`);
    }
  }

  private assign(temporary: Temporary, value: Term): void {
    const { code, mask } = this;
    const known = this.temporaries.get(temporary);
    const local = known ?? code.local("v128");
    if (mask && known !== undefined) this.values.a.choose(mask.vector, value, () => code.get(known))();
    else value();
    code.set(local);
    this.temporaries.set(temporary, local);
  }

  private collect(target: number, how: Collector["combine"], { value }: Collector): void {
    const { code, values, mask } = this;
    const term = values.real(value);
    const neutral = values.a.constant(neutralElement[how]);
    const added = mask ? values.a.choose(mask.vector, term, neutral) : term;
    values.combine(how, () => code.get(target), added)();
    code.set(target);
  }

  private accumulate({ buffer, address, combine, value }: Extract<Statement, { kind: "accumulate" }>): void {
    const { values, code } = this;
    if (this.plan.motion(address) !== "free") {
      const old = values.a.name(this.load(buffer, address));
      this.store(buffer, address, values.combine(combine, old, values.real(value)));
      return;
    }
    // two iterations may meet in one element: one after the other
    const term = values.a.name(values.real(value));
    const narrow = this.statements.values;
    for (const lane of [0, 1]) {
      const at = code.local("i32");
      const offset = this.places.address(buffer, address, this.reader(lane));
      code.set(at);
      const old = narrow.a.name(() => {
        code.get(at);
        writeLoad(code, buffer, offset);
      });
      const own: Term = () => {
        term();
        code.indexed("f64x2.extract_lane", lane);
      };
      const result = narrow.a.name(narrow.combine(combine, old, own));
      code.get(at);
      result();
      code.access("f64.store", { align: 3, offset });
    }
  }

  private store(buffer: Buffer, address: Integer, value: Term): void {
    const { code } = this;
    if (this.plan.motion(address) === "unit") {
      const offset = this.unitAddress(buffer, address);
      value();
      code.access("v128.store", { align: 3, offset });
      return;
    }
    const named = this.values.a.name(value);
    for (const lane of [0, 1]) {
      const offset = this.places.address(buffer, address, this.reader(lane));
      named();
      code.access("v128.store64_lane", { align: 3, offset }, lane);
    }
  }

  private storeConditions(buffer: Buffer, address: Integer, condition: Term): void {
    const { code } = this;
    const named = this.values.a.nameCondition(condition);
    for (const lane of [0, 1]) {
      const offset = this.places.address(buffer, address, this.reader(lane));
      named();
      code.indexed("i64x2.extract_lane", lane);
      code.op("i32.wrap_i64");
      code.i32(1);
      code.op("i32.and");
      code.access("i32.store8", { align: 0, offset });
    }
  }

  /** Reads integer variables as they are in one of the two iterations. */
  private reader(lane: number): (id: number) => void {
    const { code, places } = this;
    return (id) => {
      const own = this.variables.get(id);
      code.get(own ? own[lane]! : places.variable(id));
      const ahead = id === this.loop.variable ? 2 * this.copy + lane : 0;
      if (ahead === 0) return;
      code.i32(ahead);
      code.op("i32.add");
    };
  }

  /** Writes the address of the first of two neighbours; returns the constant that is still to be added. */
  private unitAddress(buffer: Buffer, address: Integer): number {
    const { code, places } = this;
    const size = bytesOf(buffer);
    const position = Integer.iterator(this.loop.variable);
    const constant = address.terms.find(({ atoms }) => atoms.length === 0)?.coefficient ?? 0;
    const folded = constant > 0 && constant * size <= lowestArray ? constant : 0;
    const rest = address.minus(position).minus(folded);
    const start = this.whole.prepare(`pointer ${buffer.id} ${rest.key}`, "i32", () => {
      places.address(buffer, rest.minus(restConstant(rest)));
      if (restConstant(rest) !== 0) {
        code.i32(restConstant(rest) * size);
        code.op("i32.add");
      }
    });
    code.get(start);
    code.get(places.variable(this.loop.variable));
    if (size > 1) {
      code.i32(Math.log2(size));
      code.op("i32.shl");
    }
    code.op("i32.add");
    return (folded + 2 * this.copy) * size;
  }

  temporary(temporary: Temporary): Term {
    const { code } = this;
    const own = this.temporaries.get(temporary);
    if (own !== undefined) return () => code.get(own);
    const local = this.whole.prepare(`temporary ${temporary.id}`, "v128", () => {
      code.get(this.statements.local(temporary));
      if (temporary.dtype === "bool") this.splatMask();
      else code.op("f64x2.splat");
    });
    return () => code.get(local);
  }

  /** Of the 1 or 0 on the stack, makes two lanes of ones or zeros. */
  private splatMask(): void {
    this.extendMask();
    this.code.op("i64x2.splat");
  }

  private extendMask(): void {
    const { code } = this;
    const bit = code.local("i32");
    code.set(bit);
    code.i32(0);
    code.get(bit);
    code.op("i32.sub");
    code.op("i64.extend_i32_s");
  }

  private maskOf(lanes: readonly [Term, Term]): Term {
    return () => {
      lanes[0]();
      this.splatMask();
      lanes[1]();
      this.extendMask();
      this.code.indexed("i64x2.replace_lane", 1);
    };
  }

  integer(integer: Integer): Term {
    const { code, places } = this;
    return () => {
      places.integer(integer, this.reader(0));
      code.op("i32x4.splat");
      if (this.plan.varies(integer)) {
        places.integer(integer, this.reader(1));
        code.indexed("i32x4.replace_lane", 1);
      }
      code.op("f64x2.convert_low_i32x4_s");
    };
  }

  load(buffer: Buffer, address: Integer): Term {
    const { code } = this;
    const motion = this.plan.motion(address);
    if (motion === "fixed" && !this.mask && !this.plan.isWritten(buffer)) {
      const local = this.whole.prepare(`load ${buffer.id} ${address.key}`, "v128", () => {
        const offset = this.places.address(buffer, address);
        writeLoad(code, buffer, offset);
        if (buffer.dtype === "bool") this.splatMask();
        else code.op("f64x2.splat");
      });
      return () => code.get(local);
    }
    const type = arrayTypeOf(buffer);
    if (motion === "unit" && !this.mask && type !== "Uint8Array") {
      return () => {
        const offset = this.unitAddress(buffer, address);
        if (type === "Float64Array") code.access("v128.load", { align: 3, offset });
        else {
          code.access("v128.load64_zero", { align: 2, offset });
          code.op("f64x2.convert_low_i32x4_s");
        }
      };
    }
    const lane =
      (k: number): Term =>
      () => {
        const offset = this.laneAddress(buffer, address, k);
        if (type === "Float64Array") code.access("f64.load", { align: 3, offset });
        else writeLoad(code, buffer, offset);
      };
    if (type === "Uint8Array") return this.maskOf([lane(0), lane(1)]);
    if (type === "Int32Array") {
      return () => {
        lane(0)();
        code.op("f64x2.splat");
        lane(1)();
        code.indexed("f64x2.replace_lane", 1);
      };
    }
    return () => {
      const second = code.local("i32");
      const secondOffset = this.laneAddress(buffer, address, 1);
      code.tee(second);
      const offset = this.laneAddress(buffer, address, 0);
      code.access("v128.load64_zero", { align: 3, offset });
      code.access("v128.load64_lane", { align: 3, offset: secondOffset }, 1);
    };
  }

  /** The address of an element of one iteration; where a condition does not hold, a place below all arrays. */
  private laneAddress(buffer: Buffer, address: Integer, lane: number): number {
    const { code } = this;
    const offset = this.places.address(buffer, address, this.reader(lane));
    if (!this.mask) return offset;
    code.i32(0);
    code.get(this.mask.lanes[lane]!);
    code.op("select");
    return offset;
  }

  guarded(guards: readonly Guard[], value: () => Term, isCondition: boolean): Term {
    const { values } = this;
    const result = this.under(guards, (mask) => {
      const term = value();
      return isCondition
        ? values.a.nameCondition(values.a.and(term, mask))
        : values.a.name(values.a.choose(mask, term, values.a.constant(0)));
    });
    return result;
  }

  branch(condition: Term, x: () => Term, y: () => Term): Term {
    return this.values.a.choose(condition, x(), y());
  }

  /** Writes under a condition: it holds in both iterations, in one of them, or in none. */
  private under<Result>(guards: readonly Guard[], write: (mask: Term) => Result): Result {
    const { code, places } = this;
    const outer = this.mask;
    const lanes = [0, 1].map((lane) => {
      const local = code.local("i32");
      places.guards(guards, this.reader(lane));
      if (outer) {
        code.get(outer.lanes[lane]!);
        code.op("i32.and");
      }
      code.set(local);
      return local;
    });
    const [first, second] = lanes as [number, number];
    const vector = this.values.a.nameCondition(this.maskOf([() => code.get(first), () => code.get(second)]));
    this.mask = { lanes: [first, second], vector };
    const result = write(vector);
    this.mask = outer;
    return result;
  }
}

const restConstant = (integer: Integer): number =>
  integer.terms.find(({ atoms }) => atoms.length === 0)?.coefficient ?? 0;

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
