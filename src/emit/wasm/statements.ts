import { Integer } from "../../ir/integer.ts";
import type { Buffer, Loop, SharedNest, Statement, Temporary, Value } from "../../lower/program/loops.ts";
import { arrayTypeOf } from "../signature.ts";
import { Arithmetic } from "./arithmetic.ts";
import type { Code } from "./encode.ts";
import type { PrimitiveFunctions } from "./functions.ts";
import { type Places, writeLoad } from "./places.ts";
import { type Source, Values, writeIndex } from "./values.ts";
import { writeVectorLoop } from "./vector-loop.ts";

/** Writes an integer variable; the usual way is to read its local. */
export type ReadVariable = (id: number) => void;

/** The function that is being written: its instructions, and where everything lives. */
export interface Context {
  readonly code: Code;
  readonly places: Places;
  readonly functions: PrimitiveFunctions;
  /** Sums keep the order of their terms. */
  readonly ordered: boolean;
  /** The functions of nests that stand more than once. */
  readonly nests: ReadonlyMap<SharedNest, number>;
  /** Writes the call of a routine. */
  readonly callRoutine: (code: Code, routine: number) => void;
}

/** Statements as instructions on one number at a time; innermost loops on two where they can. */
export class Statements {
  readonly context: Context;
  readonly values: Values;
  private readonly temporaries = new Map<Temporary, number>();

  constructor(context: Context) {
    this.context = context;
    this.values = this.valuesWith(undefined);
  }

  /** Values of one number at a time, where integer variables may be read in a way of their own. */
  valuesWith(variable: ReadVariable | undefined): Values {
    const { code, places, functions } = this.context;
    const source: Source = {
      temporary: (temporary) => () => code.get(this.local(temporary)),
      integer: (integer) => () => {
        places.integer(integer, variable);
        code.op("f64.convert_i32_s");
      },
      load: (buffer, address) => () => {
        const offset = places.address(buffer, address, variable);
        writeLoad(code, buffer, offset);
      },
      guarded: (guards, value, isCondition) => () => {
        const type = isCondition ? "i32" : "f64";
        places.guards(guards, variable);
        code.open("if", type);
        value()();
        code.op("else");
        if (isCondition) code.i32(0);
        else code.f64(0);
        code.op("end");
      },
      branch: (condition, x, y, isCondition) => () => {
        condition();
        code.open("if", isCondition ? "i32" : "f64");
        x()();
        code.op("else");
        y()();
        code.op("end");
      },
    };
    return new Values(new Arithmetic(code, false), source, functions);
  }

  /** The local of a temporary. */
  local(temporary: Temporary): number {
    const known = this.temporaries.get(temporary);
    if (known !== undefined) return known;
    const local = this.context.code.local(temporary.dtype === "bool" ? "i32" : "f64");
    this.temporaries.set(temporary, local);
    return local;
  }

  /** Lets a temporary live in a local that is there. */
  nameLocal(temporary: Temporary, local: number): void {
    this.temporaries.set(temporary, local);
  }

  block(statements: readonly Statement[]): void {
    for (const statement of statements) this.statement(statement);
  }

  statement(statement: Statement): void {
    const { code, places } = this.context;
    const { values } = this;
    switch (statement.kind) {
      case "for":
        if (!writeVectorLoop(statement, this)) this.loop(statement);
        return;
      case "let":
      case "start":
      case "assign":
        this.assign(statement.temporary, statement.value);
        return;
      case "index":
        this.index(statement.variable, statement.value);
        return;
      case "combine": {
        const target = this.local(statement.temporary);
        const old = () => code.get(target);
        values.combine(statement.combine, old, values.real(statement.value))();
        code.set(target);
        return;
      }
      case "store":
        this.store(statement.buffer, statement.address, () => statement.value);
        return;
      case "accumulate":
        this.accumulate(statement);
        return;
      case "fill":
        this.fill(statement.buffer, statement.value);
        return;
      case "when":
        places.guards(statement.guards);
        code.open("if");
        this.block(statement.body);
        code.op("end");
        return;
      case "if":
        values.condition(statement.condition)();
        code.open("if");
        this.block(statement.body);
        if (statement.otherwise.length > 0) {
          code.op("else");
          this.block(statement.otherwise);
        }
        code.op("end");
        return;
      case "while":
        code.open("loop");
        values.condition(statement.condition)();
        code.open("if");
        this.block(statement.body);
        code.indexed("br", 1);
        code.op("end");
        code.op("end");
        return;
      case "part":
        this.block(statement.body);
        return;
      case "call":
        this.context.callRoutine(code, statement.routine);
        return;
      case "shared":
        this.callNest(statement);
    }
  }

  private accumulate({ buffer, address, combine, value }: Extract<Statement, { kind: "accumulate" }>): void {
    const { code, places } = this.context;
    const { values } = this;
    const at = code.local("i32");
    const offset = places.address(buffer, address);
    code.set(at);
    const old = () => {
      code.get(at);
      writeLoad(code, buffer, offset);
    };
    const named = values.a.name(old);
    const result = values.a.name(values.combine(combine, named, values.real(value)));
    code.get(at);
    result();
    code.access("f64.store", { align: 3, offset });
  }

  private callNest({ nest, arguments: given }: Extract<Statement, { kind: "shared" }>): void {
    const { code, places, nests } = this.context;
    for (const [k, value] of given.entries()) {
      const { kind } = nest.parameters[k]!;
      if (kind === "array" && value.kind === "load") code.get(places.start(value.buffer));
      else if (kind === "place" && value.kind === "load") places.integer(value.address);
      else if (kind === "integer" && value.kind === "integer") places.integer(value.integer);
      else this.values.real(value)();
    }
    code.indexed("call", nests.get(nest)!);
  }

  private assign(temporary: Temporary, value: Value): void {
    const term = temporary.dtype === "bool" ? this.values.condition(value) : this.values.real(value);
    term();
    this.context.code.set(this.local(temporary));
  }

  /** Elements of int tensors are whole; NaN, which is no index, becomes the least one. */
  private index(variable: number, value: Value): void {
    const { code, places } = this.context;
    writeIndex(code, value, this.values, {
      integer: (integer) => places.integer(integer),
      address: (buffer, address) => places.address(buffer, address),
    });
    code.set(places.variable(variable));
  }

  private store(buffer: Buffer, address: Integer, value: () => Value): void {
    const { code, places } = this.context;
    const isCondition = buffer.dtype === "bool";
    const term = isCondition ? this.values.condition(value()) : this.values.real(value());
    const offset = places.address(buffer, address);
    term();
    if (isCondition) code.access("i32.store8", { align: 0, offset });
    else code.access("f64.store", { align: 3, offset });
  }

  private fill(buffer: Buffer, value: number): void {
    const { code, places } = this.context;
    const count = Integer.product(buffer.shape);
    const bytes = arrayTypeOf(buffer) === "Uint8Array" ? 1 : 8;
    if (Object.is(value, 0)) {
      code.get(places.start(buffer));
      code.i32(0);
      // a length below 0 would be one of four billions
      const least = count.isProvablyNonNegative([]) ? [] : [Integer.zero];
      places.extreme([...least, count.scaled(bytes)], "i32.gt_s");
      code.fill();
      return;
    }
    const [at, end] = [code.local("i32"), code.local("i32")];
    code.get(places.start(buffer));
    code.tee(at);
    places.integer(count.scaled(bytes));
    code.op("i32.add");
    code.set(end);
    this.repeat(
      () => {
        code.get(at);
        code.get(end);
        code.op("i32.lt_u");
      },
      () => {
        code.get(at);
        if (bytes === 1) {
          code.i32(value ? 1 : 0);
          code.access("i32.store8", { align: 0, offset: 0 });
        } else {
          code.f64(value);
          code.access("f64.store", { align: 3, offset: 0 });
        }
        code.get(at);
        code.i32(bytes);
        code.op("i32.add");
        code.set(at);
      },
    );
  }

  /** while (holds) body: the test stands at the end, and once before. */
  repeat(holds: () => void, body: () => void): void {
    const { code } = this.context;
    holds();
    code.open("if");
    code.open("loop");
    body();
    holds();
    code.indexed("br_if", 0);
    code.op("end");
    code.op("end");
  }

  private loop(loop: Loop): void {
    const { code, places } = this.context;
    const variable = places.variable(loop.variable);
    const limit = code.local("i32");
    const move = (by: number) => {
      code.get(variable);
      code.i32(by);
      code.op("i32.add");
      code.set(variable);
    };
    const test = (name: "i32.lt_s" | "i32.ge_s") => () => {
      code.get(variable);
      code.get(limit);
      code.op(name);
    };
    if (loop.descending) {
      places.extreme(loop.from, "i32.gt_s");
      code.set(limit);
      places.extreme(loop.to, "i32.lt_s");
      code.set(variable);
      move(-1);
    } else {
      places.extreme(loop.to, "i32.lt_s");
      code.set(limit);
      places.extreme(loop.from, "i32.gt_s");
      code.set(variable);
    }
    this.repeat(test(loop.descending ? "i32.ge_s" : "i32.lt_s"), () => {
      this.block(loop.body);
      move(loop.descending ? -1 : loop.step);
    });
  }
}
