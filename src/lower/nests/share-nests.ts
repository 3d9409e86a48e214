import type { Integer } from "../../ir/integer.ts";
import type { Primitive } from "../../ir/primitive.ts";
import { withoutUnusedIndices } from "../passes/unused-indices.ts";
import type { Loop, Program, SharedNest, Statement } from "../program/loops.ts";
import { isNest, mapBodies, statementsOf, visitStatement } from "../program/rewrite-statements.ts";
import { Forms } from "./nest-forms.ts";
import { parametersOf } from "./nest-parameters.ts";
import { type Outline, outlineOf } from "./outlines.ts";
import { asProduct, type ProductNest } from "./product-nests.ts";
import { withVariables } from "./read-product.ts";

/** About how many bytes are printed: for a loop, another statement, an operation in it, a call, an argument and a parameter. */
const bytesOf = { loop: 70, statement: 30, operation: 9, call: 20, argument: 7, parameter: 16 };

/** Shorter loops are read, and run, best where they stand. */
const shortest = 200;

/** Calls of more arguments than this are read by nobody. */
const mostParameters = 24;

/** True where calls and one function are shorter than the loops. */
function pays(uses: readonly Outline[]): boolean {
  const length = lengthOf(uses[0]!.nest);
  if (uses.length < 2 || length < shortest) return false;
  const count = parametersOf(uses).parameters.length;
  const { call, argument, parameter } = bytesOf;
  const spared = (uses.length - 1) * length - uses.length * (call + argument * count);
  return count <= mostParameters && spared > parameter * count + call;
}

/** About how many bytes are printed for a statement. */
function lengthOf(statement: Statement): number {
  let length = 0;
  visitStatement(statement, {
    statement: (inner) => {
      length += inner.kind === "for" ? bytesOf.loop : bytesOf.statement;
    },
    value: () => {
      length += bytesOf.operation;
    },
  });
  return length;
}

/** Nests with one outline: how often each is called, and what with. */
type Members = Map<string, Outline[]>;

/**
 * The programs with nests of loops that stand more than once, in one of them or in several, as calls of one nest over
 * parameters: products of matrices differ in arrays, strides and sizes alone, and a gradient begins as its loss does. Of
 * nests that are alike the outermost are shared. Programs in which nothing changes come back as they are. `forVectors`: for a printer that takes several iterations of a loop at a
 * time. Loops within one that it may take so stay.
 */
export function shareNests(programs: readonly Program[], forVectors = false): Program[] {
  const sharing = new Sharing(forVectors);
  const isShared = sharing.choose(programs.map(statementsOf));
  const rewritten = <T extends Pick<Program, "parts">>(whole: T): T => {
    const parts = withoutUnusedIndices(isShared ? whole.parts.map((part) => sharing.rewritten(part)) : whole.parts);
    return parts === whole.parts ? whole : { ...whole, parts };
  };
  return programs.map((program) => {
    const [changed, routines] = [rewritten(program), program.routines.map(rewritten)];
    const isSame = changed === program && routines.every((routine, k) => routine === program.routines[k]);
    return isSame ? program : { ...changed, routines };
  });
}

class Sharing {
  private readonly outlines = new Map<Loop, Outline | undefined>();
  private readonly primitives = new Map<Primitive, number>();
  private members: Members = new Map();
  private readonly forms = new Forms();
  /** What variables of the program at hand stand for that only sizes make. */
  private sizes = new Map<number, Integer>();
  private readonly nests = new Map<string, SharedNest>();
  /** Products, and the outlines that these have. */
  private readonly products = new Map<Outline, ProductNest>();
  private readonly productKeys = new Set<string>();
  private readonly forVectors: boolean;
  /** The arguments of each call, by the outline of the nest that it replaces. */
  private readonly argumentsOf = new Map<Outline, ReturnType<typeof parametersOf>["argumentsOf"][number]>();

  constructor(forVectors: boolean) {
    this.forVectors = forVectors;
  }

  /** Decides what is shared, if anything is: what is left of a group within others may be no group any more. */
  choose(bodies: readonly (readonly Statement[])[]): boolean {
    for (const body of bodies) this.forms.count(body);
    let chosen: ReadonlySet<string> | undefined;
    for (let isSettled = false; !isSettled; ) {
      this.members = this.reached(bodies, chosen);
      const repeated = [...this.members].filter(([, uses]) => pays(uses)).map(([key]) => key);
      isSettled = chosen !== undefined && repeated.length === chosen.size;
      chosen = new Set(repeated);
    }
    for (const [, uses] of this.members) {
      for (const [k, values] of parametersOf(uses).argumentsOf.entries()) this.argumentsOf.set(uses[k]!, values);
    }
    return this.members.size > 0;
  }

  rewritten(statements: readonly Statement[]): Statement[] {
    return statements.flatMap((statement): Statement | Statement[] => {
      const outline = statement.kind === "for" ? this.outlineOf(statement) : undefined;
      const values = outline && this.argumentsOf.get(outline);
      if (values && statement.kind === "for") {
        const { plain = statement, finish } = this.products.get(outline) ?? {};
        const call: Statement = { kind: "shared", nest: this.nestOf(outline), arguments: values, loop: plain };
        return finish ? [call, finish] : call;
      }
      return isNest(statement) ? mapBodies(statement, (body) => this.rewritten(body)) : statement;
    });
  }

  /**
   * Nests by their outlines. Before anything is chosen, all of them; then the outermost of those chosen, which are not looked
   * into: what calls and loops within them would take as arguments is more than what they would spare.
   */
  private reached(bodies: readonly (readonly Statement[])[], chosen: ReadonlySet<string> | undefined): Members {
    const members: Members = new Map();
    const visit = (statement: Statement): void => {
      if (statement.kind === "for") {
        const outline = this.outlineOf(statement);
        if (outline && (!chosen || chosen.has(outline.key))) {
          const known = members.get(outline.key);
          if (known) known.push(outline);
          else members.set(outline.key, [outline]);
          if (chosen || this.products.has(outline)) return;
        }
        // the rounds of an operation come one after the other
        if (this.forVectors && !statement.making?.layouts.includes("operation")) return;
      }
      if (!chosen && statement.kind === "index" && statement.value.kind === "integer")
        this.note(statement.variable, statement.value.integer);
      if (!isNest(statement)) return;
      statement.body.forEach(visit);
      if (statement.kind === "if") statement.otherwise.forEach(visit);
    };
    for (const body of bodies) {
      this.sizes = new Map();
      body.forEach(visit);
    }
    return members;
  }

  private outlineOf(loop: Loop): Outline | undefined {
    if (this.outlines.has(loop)) return this.outlines.get(loop);
    const outline = this.drawn(loop);
    this.outlines.set(loop, outline);
    return outline;
  }

  private note(variable: number, integer: Integer): void {
    if (!integer.iterators().every((iterator) => this.sizes.has(iterator))) return;
    this.sizes.set(variable, withVariables(integer, this.sizes));
  }

  private drawn(loop: Loop): Outline | undefined {
    const product = this.forVectors ? undefined : asProduct(loop, this.sizes);
    if (!product && !this.forms.isRepeated(loop)) return undefined;
    const outline = outlineOf(product?.form ?? loop, (primitive) => this.numberOf(primitive), this.forVectors);
    if (product && outline) {
      this.products.set(outline, product);
      this.productKeys.add(outline.key);
    }
    return outline;
  }

  private numberOf(primitive: Primitive): number {
    const number = this.primitives.get(primitive) ?? this.primitives.size;
    this.primitives.set(primitive, number);
    return number;
  }

  private nestOf({ key }: Outline): SharedNest {
    const known = this.nests.get(key);
    if (known) return known;
    const uses = this.members.get(key)!;
    const { nest } = uses[0]!;
    const { parameters } = parametersOf(uses);
    const shared: SharedNest = {
      name: this.productKeys.has(key) ? "product" : "loops",
      loop: nest,
      parameters,
      uses: uses.length,
    };
    this.nests.set(key, shared);
    return shared;
  }
}
