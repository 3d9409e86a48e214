import type { Primitive } from "../../ir/primitive.ts";
import { primitiveKey } from "../../ir/primitive-key.ts";
import type { Program } from "../../lower/program/loops.ts";
import { nestsIn, statementsOf, visitStatement } from "../../lower/program/rewrite-statements.ts";
import { type Block, compileProgram, type Program as StraightProgram } from "../../ops/program.ts";
import { Arithmetic, type Term } from "./arithmetic.ts";
import { Code, type FunctionType, type ValueType } from "./encode.ts";
import { conditions, operations, type VectorKernel, vectorKernels } from "./operations.ts";

/** A function of the module that computes a primitive. */
export interface HelperFunction {
  readonly type: FunctionType;
  readonly code: Code;
}

/** A primitive of so many numbers, as the host computes it. */
export interface HostFunction {
  readonly primitive: Primitive;
  readonly arity: number;
}

interface HelperIndices {
  readonly narrow: number;
  /** On two numbers; kernels are written where they are used instead. */
  readonly wide?: number;
}

/**
 * What primitives a module computes by functions: imported from the host, by kernels, or by the primitive's program.
 * Imports come first among the functions of a module, so all are known before the first instruction is written.
 */
export class PrimitiveFunctions {
  /** Functions that the host gives, in order. */
  readonly imported: HostFunction[] = [];
  readonly helpers: HelperFunction[] = [];
  /** By primitive and number of operands. */
  private readonly indices = new Map<Primitive, HelperIndices[]>();
  readonly usesHostMath: boolean;
  private readonly otherImports: number;

  /** `usesHostMath`: the host's functions in place of polynomials. `otherImports`: functions that the module imports behind these. */
  constructor(program: Program, usesHostMath: boolean, otherImports = 0) {
    this.usesHostMath = usesHostMath;
    this.otherImports = otherImports;
    const needed = this.needed(program);
    for (const { primitive, arity } of needed) {
      const kernel = this.kernelOf(primitive);
      if (kernel ? !kernel.needsHost : programOf(primitive)) continue;
      this.note(primitive, arity, { narrow: this.imported.length });
      this.imported.push({ primitive, arity });
    }
    for (const { primitive, arity } of needed) {
      if (this.kernelOf(primitive)) this.addKernel(primitive, arity);
      else if (programOf(primitive)) this.addProgram(primitive);
    }
  }

  private note(primitive: Primitive, arity: number, indices: HelperIndices): void {
    const known = this.indices.get(primitive) ?? [];
    known[arity] = indices;
    this.indices.set(primitive, known);
  }

  /** True for a primitive that is more than a few instructions. */
  isFunction(primitive: Primitive): boolean {
    return !operations.has(primitive);
  }

  /** The primitive of operands, which have names where it is a function. */
  apply(a: Arithmetic, primitive: Primitive, operands: readonly Term[]): Term {
    const operation = operations.get(primitive);
    if (operation) return operation(a, ...operands);
    const { narrow, wide } = this.indices.get(primitive)![operands.length]!;
    if (!a.isWide) return this.call(a, narrow, operands);
    const kernel = this.kernelOf(primitive);
    if (kernel) return this.inline(a, primitive, operands);
    if (wide !== undefined) return this.call(a, wide, operands);
    return this.laneByLane(a, narrow, operands);
  }

  private call(a: Arithmetic, index: number, operands: readonly Term[]): Term {
    return () => {
      for (const operand of operands) operand();
      a.code.indexed("call", index);
    };
  }

  private kernelOf(primitive: Primitive) {
    return this.usesHostMath ? undefined : vectorKernels.get(primitive);
  }

  private laneByLane(a: Arithmetic, index: number, operands: readonly Term[]): Term {
    const { code } = a;
    const lane = (k: number) => {
      for (const operand of operands) {
        operand();
        code.indexed("f64x2.extract_lane", k);
      }
      code.indexed("call", index);
    };
    return () => {
      lane(0);
      code.op("f64x2.splat");
      lane(1);
      code.indexed("f64x2.replace_lane", 1);
    };
  }

  /** A kernel on two numbers, with the host's function for the lanes that it does not reach. */
  private inline(a: Arithmetic, primitive: Primitive, operands: readonly Term[]): Term {
    return this.reached(a, primitive, operands, this.kernelOf(primitive)!.kernel(a, ...operands));
  }

  private reached(
    a: Arithmetic,
    primitive: Primitive,
    operands: readonly Term[],
    { value, isReached }: ReturnType<VectorKernel>,
  ): Term {
    if (!isReached) return value;
    const { code } = a;
    const host = this.imported.findIndex(
      (imported) => imported.primitive === primitive && imported.arity === operands.length,
    );
    const result = code.local("v128");
    value();
    code.set(result);
    const isFar = a.nameCondition(a.not(isReached));
    isFar();
    code.op("v128.any_true");
    code.open("if");
    this.laneByLane(a, host, operands)();
    code.get(result);
    isFar();
    code.op("v128.bitselect");
    code.set(result);
    code.op("end");
    return () => code.get(result);
  }

  private addHelper(type: FunctionType, write: (code: Code) => void): number {
    const code = new Code(type.parameters.length);
    const index = this.imported.length + this.otherImports + this.helpers.length;
    this.helpers.push({ type, code });
    write(code);
    return index;
  }

  private addKernel(primitive: Primitive, arity: number): void {
    const narrow = this.addHelper(functionType("f64", arity), (code) => {
      const a = new Arithmetic(code, true);
      const operands = Array.from({ length: arity }, (_, k) =>
        a.name(() => {
          code.get(k);
          code.op("f64x2.splat");
        }),
      );
      this.inline(a, primitive, operands)();
      code.indexed("f64x2.extract_lane", 0);
    });
    this.note(primitive, arity, { narrow });
  }

  private addProgram(primitive: Primitive): void {
    const program = programOf(primitive)!;
    const write = (isWide: boolean) => (code: Code) => writeProgram(program, new Arithmetic(code, isWide), this);
    const narrow = this.addHelper(functionType("f64", program.arity), write(false));
    const wide = this.addHelper(functionType("v128", program.arity), write(true));
    this.note(primitive, program.arity, { narrow, wide });
  }

  /** The primitives that are no instructions, each after those that it is made of. */
  private needed(program: Program): HostFunction[] {
    const ordered = new Map<string, HostFunction>();
    const visit = (primitive: Primitive, arity: number): void => {
      const key = `${arity} ${primitiveKey(primitive)}`;
      if (operations.has(primitive) || ordered.has(key)) return;
      if (!this.kernelOf(primitive)) {
        for (const inner of stepsIn(programOf(primitive)?.body)) visit(inner.primitive, inner.operands.length);
      }
      ordered.set(key, { primitive, arity });
    };
    for (const statement of [...statementsOf(program), ...nestsIn(program).map(({ loop }) => loop)]) {
      visitStatement(statement, {
        value: (value) => {
          if (value.kind === "apply") visit(value.primitive, value.operands.length);
        },
      });
    }
    return [...ordered.values()];
  }
}

const functionType = (type: ValueType, arity: number): FunctionType => ({
  parameters: Array.from({ length: arity }, () => type),
  results: [type],
});

function programOf(primitive: Primitive): StraightProgram | undefined {
  return primitive.program && compileProgram(primitive.program, primitive.arity as number);
}

type Application = Extract<Block["steps"][number], { kind: "apply" }>;

function stepsIn(block: Block | undefined): Application[] {
  return (block?.steps ?? []).flatMap((step) =>
    step.kind === "apply" ? [step] : [...stepsIn(step.yes), ...stepsIn(step.no)],
  );
}

/** The program as the body of a function. A side of a choice is computed where a number takes it, of two where one of them does. */
function writeProgram(program: StraightProgram, a: Arithmetic, functions: PrimitiveFunctions): void {
  const { code } = a;
  const terms = new Map<number, Term>();
  for (const { slot, value } of program.constants) terms.set(slot, a.constant(value));
  for (let slot = 0; slot < program.arity; slot++) terms.set(slot, () => code.get(slot));
  const term = (slot: number) => terms.get(slot)!;
  const run = (block: Block): Term => {
    for (const step of block.steps) {
      if (step.kind === "apply") {
        const value = functions.apply(a, step.primitive, step.operands.map(term));
        terms.set(step.target, conditions.has(step.primitive) ? a.nameCondition(value) : a.name(value));
      } else if (a.isWide) {
        const condition = term(step.condition);
        const yes = sideOf(step.yes, condition);
        const no = sideOf(step.no, a.not(condition));
        terms.set(step.target, a.name(a.choose(condition, yes, no)));
      } else {
        const result = code.local("f64");
        term(step.condition)();
        code.open("if");
        run(step.yes)();
        code.set(result);
        code.op("else");
        run(step.no)();
        code.set(result);
        code.op("end");
        terms.set(step.target, () => code.get(result));
      }
    }
    return term(block.result);
  };
  /** One side of a choice of two numbers: where it is long it is passed over unless one of them takes it. */
  const sideOf = (side: Block, isTaken: Term): Term => {
    if (costOf(side) < fewestToPassOver) return run(side);
    const result = code.local("v128");
    isTaken();
    code.op("v128.any_true");
    code.open("if");
    run(side)();
    code.set(result);
    code.op("end");
    return () => code.get(result);
  };
  run(program.body)();
}

/** Operations that cost more than asking whether they are needed. */
const fewestToPassOver = 8;

const costOf = (side: Block): number => stepsIn(side).reduce((sum, { primitive }) => sum + primitive.cost, 0);
