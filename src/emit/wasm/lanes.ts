import type { Guard } from "../../ir/contraction.ts";
import { neutralElement } from "../../ir/contraction.ts";
import type { Integer } from "../../ir/integer.ts";
import type { Accumulate, Buffer, Loop, Statement, Temporary, Value } from "../../lower/program/loops.ts";
import { arrayTypeOf } from "../signature.ts";
import { Arithmetic, type Term } from "./arithmetic.ts";
import type { Path } from "./fork.ts";
import { bytesOf, writeLoad } from "./places.ts";
import type { Scope } from "./scope.ts";
import type { Statements } from "./statements.ts";
import { type Source, Values, writeIndex } from "./values.ts";
import type { Slide, VectorPlan } from "./vector-plan.ts";

/** The nest that copies of its body belong to. */
export interface LaneNest {
  readonly loop: Loop;
  readonly statements: Statements;
  readonly plan: VectorPlan;
  /** The loops that are open, outermost first. */
  readonly scopes: readonly Scope[];
  /** The way through the body that is being written, where not all of it is. */
  readonly path: Path | undefined;
  collector(key: Temporary | Statement, copy: number): number;
  /** The vector that holds what a slide's last copy had for the elements further on. */
  carried(slide: Slide): number;
}

type Collector = Extract<Statement, { kind: "combine" | "accumulate" }>;
type Definition = Extract<Statement, { kind: "let" | "start" | "assign" }>;

/** One copy of the body: numbers of two iterations side by side. */
export class Lanes implements Source {
  private readonly nest: LaneNest;
  private readonly copy: number;
  private readonly values: Values;
  private readonly temporaries = new Map<Temporary, number>();
  /** Integer variables of the body: one local for each iteration. */
  private readonly variables = new Map<number, readonly [number, number]>();
  /** The first sum of a slide, until the second is met. */
  private readonly waiting = new Map<Slide, Term>();
  /** Where a condition is open: whether it holds in each iteration, and both as a mask. */
  private mask: { readonly lanes: readonly [number, number]; readonly vector: Term } | undefined;

  constructor(nest: LaneNest, copy: number) {
    this.nest = nest;
    this.copy = copy;
    const { code, functions } = nest.statements.context;
    const kept = (value: number) =>
      this.nest.scopes[0]!.prepare(`constant ${Object.is(value, -0) ? "-0" : value}`, "v128", () => code.f64x2(value));
    this.values = new Values(new Arithmetic(code, true, kept), this, functions);
  }

  private get code() {
    return this.nest.statements.context.code;
  }

  private get places() {
    return this.nest.statements.context.places;
  }

  /** The innermost loop that is open. */
  private get scope(): Scope {
    return this.nest.scopes[this.nest.scopes.length - 1]!;
  }

  /** Takes over a temporary that is the same for all copies. */
  share(temporary: Temporary, other: Lanes): void {
    this.temporaries.set(temporary, other.temporaries.get(temporary)!);
  }

  truth(condition: Value): boolean | undefined {
    const { path } = this.nest;
    return path?.truth(condition);
  }

  private statements(statements: readonly Statement[]): void {
    for (const statement of statements) {
      if (this.nest.path?.needed.has(statement) !== false) this.statement(statement);
    }
  }

  statement(statement: Statement): void {
    const { code, values } = this;
    switch (statement.kind) {
      case "let":
      case "start":
      case "assign":
        this.assign(statement, values.value(statement.value));
        return;
      case "index": {
        const lanes = [0, 1].map((lane) => {
          const local = code.local("i32");
          const narrow = this.nest.statements.valuesWith(this.reader(lane));
          writeIndex(code, statement.value, narrow, {
            integer: (integer) => this.places.integer(integer, this.reader(lane)),
            address: (buffer, address) => this.laneAddress(buffer, address, lane),
          });
          code.set(local);
          return local;
        });
        this.variables.set(statement.variable, [lanes[0]!, lanes[1]!]);
        return;
      }
      case "combine": {
        const { temporary, combine } = statement;
        const isOwn = !this.nest.plan.reductions.has(temporary);
        const target = isOwn ? this.temporaries.get(temporary)! : this.nest.collector(temporary, this.copy);
        this.collect(target, combine, statement);
        return;
      }
      case "accumulate":
        if (this.slide(statement)) return;
        if (this.nest.plan.elements.includes(statement))
          this.collect(this.nest.collector(statement, this.copy), statement.combine, statement);
        else this.accumulate(statement);
        return;
      case "store": {
        const { buffer, address } = statement;
        if (buffer.dtype === "bool") this.storeConditions(buffer, address, values.condition(statement.value));
        else this.store(buffer, address, values.real(statement.value));
        return;
      }
      case "when":
        this.under(statement.guards, () => this.statements(statement.body));
        return;
      case "if": {
        const truth = this.truth(statement.condition);
        if (truth !== undefined) {
          this.statements(truth ? statement.body : statement.otherwise);
          return;
        }
        const condition = values.a.nameCondition(values.condition(statement.condition));
        this.where(condition, statement.body);
        if (statement.otherwise.length > 0)
          this.where(values.a.nameCondition(values.a.not(condition)), statement.otherwise);
        return;
      }
      default:
        throw new Error(`internal: no vector holds ${statement.kind}`);
    }
  }

  private assign({ kind, temporary }: Definition, value: Term): void {
    const { code, mask } = this;
    const known = this.temporaries.get(temporary);
    const local = known ?? code.local("v128");
    if (mask && kind === "assign" && known !== undefined)
      this.values.a.choose(mask.vector, value, () => code.get(known))();
    else value();
    code.set(local);
    this.temporaries.set(temporary, local);
  }

  private collect(target: number, how: Collector["combine"], { value }: Collector): void {
    const { code } = this;
    this.combined(how, () => code.get(target), value)();
    code.set(target);
  }

  /** A number combined with a value where the open condition holds. */
  private combined(how: Collector["combine"], old: Term, value: Value): Term {
    return this.mask ? this.values.combine(how, old, this.term(value, how)) : this.values.combineWith(how, old, value);
  }

  /** A value that is combined, neutral where the open condition does not hold. */
  private term(value: Value, how: Collector["combine"]): Term {
    const { a } = this.values;
    const real = this.values.real(value);
    return this.mask ? a.choose(this.mask.vector, real, a.constant(neutralElement[how])) : real;
  }

  /** Of two sums that are neighbours, writes both at once when the second is met; false for other sums. */
  private slide(statement: Accumulate): boolean {
    const slide = this.nest.plan.slides.find(({ lower, upper }) => lower === statement || upper === statement);
    if (!slide) return false;
    const { code, values } = this;
    const term = values.a.name(values.real(statement.value));
    const other = this.waiting.get(slide);
    if (!other) {
      this.waiting.set(slide, term);
      return true;
    }
    this.waiting.delete(slide);
    const [own, further] = statement === slide.lower ? [term, other] : [other, term];
    const carried = this.nest.carried(slide);
    // the last number of the copy before, and the first of this one
    const moved: Term = () => {
      code.get(carried);
      further();
      code.shuffle([1, 2]);
    };
    const { buffer, address } = slide.lower;
    const old = values.a.name(this.load(buffer, address));
    this.store(buffer, address, values.a.name(values.a.add(old, own, moved)));
    further();
    code.set(carried);
    return true;
  }

  /** Adds one term after the other to an element, which is read and written once. */
  addAll(terms: readonly Accumulate[]): void {
    const { values } = this;
    const { buffer, address } = terms[0]!;
    const [last, ...rest] = [...terms].reverse();
    const plus = (sum: Term, { combine, value }: Accumulate) => this.combined(combine, sum, value);
    const old = values.a.name(this.load(buffer, address));
    const sum = rest.reduceRight((before, term) => values.a.name(plus(before, term)), old);
    this.store(buffer, address, plus(sum, last!));
  }

  private accumulate(statement: Accumulate): void {
    const { values, code } = this;
    const { buffer, address, combine, value } = statement;
    if (this.nest.plan.motion(address) !== "free") {
      this.addAll([statement]);
      return;
    }
    // two iterations may meet in one element: one after the other
    const term = values.a.name(this.term(value, combine));
    const narrow = this.nest.statements.values;
    for (const lane of [0, 1]) {
      const at = code.local("i32");
      const offset = this.laneAddress(buffer, address, lane);
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
    if (this.nest.plan.motion(address) === "unit" && !this.mask) {
      const offset = this.place(buffer, address, true);
      value();
      code.access("v128.store", { align: 3, offset });
      return;
    }
    const named = this.values.a.name(value);
    for (const lane of [0, 1]) {
      const offset = this.laneAddress(buffer, address, lane);
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
      const ahead = id === this.nest.loop.variable ? 2 * this.copy + lane : 0;
      if (ahead === 0) return;
      code.i32(ahead);
      code.op("i32.add");
    };
  }

  /** Writes the address of an element, or of the first of two neighbours; returns what is still to be added. */
  private place(buffer: Buffer, address: Integer, isUnit: boolean): number {
    const ahead = isUnit ? 2 * this.copy * bytesOf(buffer) : 0;
    const offset = this.scope.pointer(buffer, address);
    if (offset !== undefined) return offset + ahead;
    return this.places.address(buffer, address, this.reader(0));
  }

  temporary(temporary: Temporary): Term {
    const { code } = this;
    const own = this.temporaries.get(temporary);
    if (own !== undefined) return () => code.get(own);
    const local = this.nest.scopes[0]!.prepare(`temporary ${temporary.id}`, "v128", () => {
      code.get(this.nest.statements.local(temporary));
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
      if (this.nest.plan.varies(integer)) {
        places.integer(integer, this.reader(1));
        code.indexed("i32x4.replace_lane", 1);
      }
      code.op("f64x2.convert_low_i32x4_s");
    };
  }

  load(buffer: Buffer, address: Integer): Term {
    const { code } = this;
    const motion = this.nest.plan.motion(address);
    if (motion === "fixed" && !this.mask) {
      const read = (offset: number) => {
        if (arrayTypeOf(buffer) === "Float64Array") code.access("v128.load64_splat", { align: 3, offset });
        else {
          writeLoad(code, buffer, offset);
          if (buffer.dtype === "bool") this.splatMask();
          else code.op("f64x2.splat");
        }
      };
      if (this.nest.plan.isWritten(buffer) || !this.scope.isFixed(address))
        return () => read(this.place(buffer, address, false));
      const local = this.scope.prepare(`load ${buffer.id} ${address.key}`, "v128", () =>
        read(this.places.address(buffer, address)),
      );
      return () => code.get(local);
    }
    const type = arrayTypeOf(buffer);
    if (motion === "unit" && !this.mask && type !== "Uint8Array") {
      return () => {
        const offset = this.place(buffer, address, true);
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
    if (!this.mask && this.nest.plan.motion(address) === "unit")
      return this.place(buffer, address, true) + lane * bytesOf(buffer);
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

  /** Writes the statements of one side of a choice: as they stand where both iterations are on it, under a mask where one is. */
  private where(condition: Term, side: readonly Statement[]): void {
    const { code, values } = this;
    const outer = this.mask;
    const vector = outer ? values.a.nameCondition(values.a.and(outer.vector, condition)) : condition;
    vector();
    code.op("i64x2.all_true");
    code.open("if");
    this.mask = undefined;
    this.statements(side);
    code.op("else");
    vector();
    code.op("v128.any_true");
    code.open("if");
    this.mask = { lanes: [this.bit(vector, 0), this.bit(vector, 1)], vector };
    this.statements(side);
    this.mask = outer;
    code.op("end");
    code.op("end");
  }

  /** A local that says whether a condition holds in one of the iterations. */
  private bit(condition: Term, lane: number): number {
    const { code } = this;
    const local = code.local("i32");
    condition();
    code.indexed("i64x2.extract_lane", lane);
    code.op("i32.wrap_i64");
    code.set(local);
    return local;
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
