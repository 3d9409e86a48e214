import { and, not, or, select } from "../../ops/elementary/comparison.ts";
import type { Apply, Loop, Statement, Temporary, Value } from "../program/loops.ts";
import { isNest, mapBodies, mapOperands, ownValue, visitStatement, visitValue } from "../program/rewrite-statements.ts";
import { usesIn } from "../program/uses.ts";
import { truthOf, zeroOf } from "../program/values.ts";
import { Effects, type Thing } from "./effects.ts";
import { namedCondition, onBoth, onNo, onYes, SidesOf } from "./sides.ts";
import type { Name } from "./stretch.ts";

/** So many conditions of a body are asked once. */
const mostConditions = 8;
/** In longer bodies they stay where they are. */
export const longestBranched = 600;

export interface BranchOptions {
  /** Sums keep the order of their terms. Default: false. */
  readonly keepsSums?: boolean;
  /** Loops that stay as they are, for a printer that takes several iterations at a time. Default: none. */
  readonly isTakenTogether?: ((loop: Loop) => boolean) | undefined;
}

/**
 * The statements with bodies of loops in which a condition that several choices ask is asked once, and what one side alone reads is
 * computed there: engines branch at each choice between numbers, and compute before all of them what more than one reads.
 */
export function withBranches(
  body: readonly Statement[],
  name: Name,
  options: BranchOptions = {},
  isInLoop = false,
): readonly Statement[] {
  const { keepsSums = false, isTakenTogether } = options;
  let statements = body;
  if (isInLoop && body.length <= longestBranched && !body.some(callsRoutines)) {
    for (const condition of conditionsOf(body)) {
      // what stands on one side of another condition by now waits for its turn there
      if (isMadeIn(body, condition) && !isMadeIn(statements, condition)) continue;
      statements = branched(statements, condition, name, keepsSums);
    }
  }
  if (!statements.some(isNest)) return statements;
  return statements.map((statement) => {
    if (!isNest(statement) || (statement.kind === "for" && isTakenTogether?.(statement))) return statement;
    const isRepeated = statement.kind !== "part" && (isInLoop || statement.kind === "for");
    return mapBodies(statement, (inner) => [...withBranches(inner, name, options, isRepeated)]);
  });
}

/** What a routine reads and writes is not said where it is called. */
function callsRoutines(statement: Statement): boolean {
  let calls = false;
  visitStatement(statement, { statement: ({ kind }) => (calls ||= kind === "call") });
  return calls;
}

/** So often are names made variables, because they are needed again where the condition is asked once more. */
const mostTries = 3;

/** The statements with what depends on a condition where it is asked; as they are where no order keeps each side together. */
function branched(
  statements: readonly Statement[],
  condition: Temporary,
  name: Name,
  keepsSums: boolean,
): readonly Statement[] {
  const known = new SidesOf(condition, statements);
  const variables = new Set<Thing>();
  for (let tries = 0; tries < mostTries; tries++) {
    const branching = new Branching(known, name, variables, keepsSums);
    const arranged = branching.arrange(statements);
    if (branching.lost.size === 0) return arranged;
    for (const lost of branching.lost) variables.add(lost);
  }
  return statements;
}

/** Whether one side of a condition is computed alone in a body. */
export const isBranched = (body: readonly Statement[]): boolean =>
  body.length <= longestBranched && conditionsOf(body).length > 0;

/** The names of conditions that these statements ask several times, those that are known last first: others may stand around them. */
function conditionsOf(statements: readonly Statement[]): Temporary[] {
  const counts = new Map<Temporary, number>();
  const note = (condition: Temporary | undefined) => {
    if (condition) counts.set(condition, (counts.get(condition) ?? 0) + 1);
  };
  for (const statement of statements) {
    const value = ownValue(statement);
    if (statement.kind === "if") note(namedCondition(statement.condition)?.[0]);
    if (value) visitValue(value, (inner) => isChoice(inner) && note(namedCondition(inner.operands[0]!)?.[0]));
  }
  const shared = [...counts].filter(([condition, count]) => count > 1 && !isChangedIn(statements, condition));
  const place = (condition: Temporary) => statements.findIndex((statement) => isMadeIn([statement], condition));
  return shared
    .map(([condition, count]) => ({ condition, count, place: place(condition) }))
    .sort((a, b) => Number(a.place < 0) - Number(b.place < 0) || b.count - a.count || a.place - b.place)
    .slice(0, mostConditions)
    .map(({ condition }) => condition);
}

const isChangedIn = (statements: readonly Statement[], condition: Temporary): boolean =>
  usesIn(statements).get(condition) === true;

const isMadeIn = (statements: readonly Statement[], condition: Temporary): boolean =>
  statements.some((statement) => statement.kind === "let" && statement.temporary === condition);

const isChoice = (value: Value): value is Apply => value.kind === "apply" && value.primitive === select.primitive;

/** A condition of several, of which one may leave nothing open. */
const isJunction = (value: Apply) => value.primitive === and.primitive || value.primitive === or.primitive;

const isZero = (value: Value) => value.kind === "constant" && value.value === 0;

/** A statement of one side of a condition. */
type OnSide = readonly [isMet: boolean, statement: Statement];

/** Gathers what depends on a condition where it is asked. */
class Branching {
  private readonly known: SidesOf;
  private readonly name: Name;
  /** On which sides a name is read. */
  private readonly sides = new Map<Temporary, number>();
  /** The names and variables that begin in these statements. */
  private readonly own = new Set<Temporary>();
  private readonly result: Statement[] = [];
  private block: Block;
  /** What blocks define that stand already. */
  private readonly gone = new Set<Thing>();
  /** What is needed behind the block that defines it: the order is none. */
  readonly lost = new Set<Thing>();
  /** Names that are variables, known behind their blocks. */
  private readonly variables: ReadonlySet<Thing>;
  private readonly keepsSums: boolean;

  constructor(known: SidesOf, name: Name, variables: ReadonlySet<Thing>, keepsSums: boolean) {
    this.known = known;
    this.name = name;
    this.variables = variables;
    this.keepsSums = keepsSums;
    this.block = new Block(keepsSums);
  }

  /** The statements in another order, if nothing is lost. */
  arrange(statements: readonly Statement[]): readonly Statement[] {
    for (const each of statements) if (each.kind === "let" || each.kind === "start") this.own.add(each.temporary);
    const made = statements.findIndex((statement) => isMadeIn([statement], this.known.condition));
    for (let k = statements.length - 1; k > made; k--) this.noteReads(statements[k]!, onBoth);
    const [first, waiting] = this.parted(statements.slice(0, made + 1));
    this.result.push(...first);
    for (const statement of [...waiting, ...statements.slice(made + 1)]) this.place(statement);
    this.flush();
    return this.result;
  }

  /** Of what stands up to the condition what has to, and names that can wait for it, since one side alone reads them. */
  private parted(statements: readonly Statement[]): readonly [first: Statement[], waiting: Statement[]] {
    const first: Statement[] = [];
    const waiting: Statement[] = [];
    const passed = new Effects();
    for (let k = statements.length - 1; k >= 0; k--) {
      const statement = statements[k]!;
      const effects = Effects.of(statement);
      const canWait = first.length > 0 && this.isOfOneSide(statement) && !passed.meets(effects, this.keepsSums);
      if (canWait) waiting.push(statement);
      else {
        if (statement.kind === "let") this.sides.set(statement.temporary, onBoth);
        first.push(statement);
        passed.add(effects);
      }
      this.noteReads(statement, onBoth);
    }
    return [first.reverse(), waiting.reverse()];
  }

  private isOfOneSide(statement: Statement): boolean {
    return statement.kind === "let" && this.sidesOf(statement) !== onBoth;
  }

  /** On which sides is read what a statement gives to names that begin here, if it does nothing else. */
  private sidesOf(statement: Statement): number {
    if (statement.kind === "let" || statement.kind === "start" || statement.kind === "assign")
      return (this.own.has(statement.temporary) ? this.sides.get(statement.temporary) : undefined) ?? onBoth;
    if (statement.kind !== "if") return onBoth;
    const within = [...statement.body, ...statement.otherwise];
    const inner = new Set(within.flatMap((each) => (each.kind === "let" ? [each.temporary] : [])));
    return within.reduce(
      (sides, each) => sides | (each.kind === "let" && inner.has(each.temporary) ? 0 : this.sidesOf(each)),
      0,
    );
  }

  /** Notes on which sides a statement that stands on these reads what it reads; one in a nest that stays whole is not settled there. */
  private noteReads(statement: Statement, sides: number, isWhole = false): void {
    const branches = isWhole && !this.asks(statement) ? undefined : this.branches(statement);
    if (!branches) this.noteWithin(statement, this.sidesOf(statement) & sides, isWhole);
    for (const [isMet, inner] of branches ?? []) {
      const side = isMet ? onYes : onNo;
      if (inner === statement) this.noteWithin(inner, side, isWhole);
      else this.noteReads(inner, side, isWhole);
    }
  }

  /** Whether a statement asks the condition itself. */
  private asks(statement: Statement): boolean {
    return statement.kind === "if" && namedCondition(statement.condition)?.[0] === this.known.condition;
  }

  private noteWithin(statement: Statement, sides: number, isWithinWhole: boolean): void {
    if (statement.kind === "shared") {
      visitStatement(statement, { value: (value) => this.note(value, sides, false) });
      return;
    }
    const inner = !isNest(statement)
      ? []
      : statement.kind === "if"
        ? [...statement.body, ...statement.otherwise]
        : statement.body;
    const isWhole = isWithinWhole || (isNest(statement) && sides === onBoth);
    for (let k = inner.length - 1; k >= 0; k--) this.noteReads(inner[k]!, sides, isWhole);
    const value = ownValue(statement);
    if (value) this.note(value, sides, true, isWhole);
  }

  /** What stands behind a guard stays there. */
  private note(value: Value, sides: number, isOpen = true, isWhole = false): void {
    if (sides === 0) return;
    if (value.kind === "temporary") this.sides.set(value, (this.sides.get(value) ?? 0) | sides);
    else if (value.kind === "guarded") this.note(value.value, sides, false);
    if (value.kind !== "apply") return;
    if (isOpen && this.isChoice(value)) {
      const [condition, yes, no] = value.operands as [Value, Value, Value];
      this.note(condition, sides, true, isWhole);
      this.note(yes, sides & this.known.where(condition, true), true, isWhole);
      this.note(no, sides & this.known.where(condition, false), true, isWhole);
    } else if (isOpen && !isWhole && isJunction(value)) {
      this.note(this.known.settled(value, true), sides & onYes, false);
      this.note(this.known.settled(value, false), sides & onNo, false);
    } else for (const operand of value.operands) this.note(operand, sides, isOpen, isWhole);
  }

  /** Whether the condition decides a choice, on one side at least. */
  private isChoice(value: Value): value is Apply {
    return isChoice(value) && this.known.decides(value.operands[0]!);
  }

  private place(statement: Statement): void {
    const onSides = this.branches(statement) ?? this.onSides(statement);
    if (onSides) for (const [isMet, inner] of onSides) this.add(isMet, inner);
    else {
      const placed = "value" in statement && statement.kind !== "fill" ? this.withVariables(statement) : statement;
      const effects = this.effectsOf(placed);
      for (const lost of effects.among(this.block.defined())) this.lost.add(lost);
      if (this.block.meets(effects)) this.block.addAfter(placed, effects);
      else this.result.push(placed);
    }
  }

  /** The statements of a choice that the condition decides. */
  private branches(statement: Statement): readonly OnSide[] | undefined {
    if (statement.kind !== "if") return undefined;
    const truths = [true, false].map((isMet) => truthOf(this.known.settled(statement.condition, isMet)));
    // what holds on both sides stands on neither
    if (truths[0] !== undefined && truths[0] === truths[1]) return undefined;
    const [yes, no] = truths.map((isTrue, k): readonly OnSide[] | undefined =>
      isTrue === undefined
        ? undefined
        : (isTrue ? statement.body : statement.otherwise).map((inner) => [k === 0, inner] as const),
    );
    if (yes && no) return [...yes, ...no];
    // what is open on one side is asked there, if nothing is to be done on the other
    if (yes?.length === 0) return [[false, statement]];
    return no?.length === 0 ? [[true, statement]] : undefined;
  }

  /** A name that one side alone reads, or a sum that takes something else up on each. */
  private onSides(statement: Statement): readonly OnSide[] | undefined {
    const sides = this.sidesOf(statement);
    if (sides === onYes || sides === onNo) return [[sides === onYes, statement]];
    if (statement.kind !== "accumulate" && statement.kind !== "combine") return undefined;
    if (statement.combine !== "sum" || !this.isChoice(statement.value)) return undefined;
    const parts = [true, false].map(
      (isMet) => [isMet, { ...statement, value: this.known.settled(statement.value, isMet) }] as const,
    );
    const taken = parts.filter(([, { value }]) => !isZero(value));
    return taken.length < parts.length || this.isOnSide(statement.value) ? taken : undefined;
  }

  /** The statement with variables for choices that read what one side computes. */
  private withVariables<S extends Statement & { readonly value: Value }>(statement: S): S {
    const map = (value: Value): Value => {
      if (value.kind !== "apply") return value;
      // another condition may stand around: what it asks for is computed behind both
      return (isChoice(value) || isJunction(value)) && this.isOnSide(value)
        ? this.variableOf(value)
        : mapOperands(value, map);
    };
    const value = map(statement.value);
    return value === statement.value ? statement : { ...statement, value };
  }

  private variableOf(value: Apply): Temporary {
    const temporary = this.name(value.dtype);
    const yes = this.known.settled(value, true);
    const no = this.known.settled(value, false);
    const known = [no, yes].find(({ kind }) => kind === "constant");
    this.block.start(temporary, known);
    if (yes !== known) this.add(true, { kind: "assign", temporary, value: yes });
    if (no !== known) this.add(false, { kind: "assign", temporary, value: no });
    return temporary;
  }

  private isOnSide(value: Value): boolean {
    let isFound = false;
    visitValue(value, (inner) => {
      if (inner.kind === "temporary" && (this.sides.get(inner) ?? onBoth) !== onBoth) isFound = true;
    });
    return isFound;
  }

  private add(isMet: boolean, statement: Statement): void {
    for (const known of this.known.statements(statement, isMet)) {
      const settled = this.asVariable(known);
      if (!settled) continue;
      if (this.block.isBehind(Effects.of(settled))) this.flush();
      const effects = this.effectsOf(settled);
      // the other side may write what one side reads, and so begins
      for (const lost of effects.among(this.block.definedOn(!isMet))) this.lost.add(lost);
      this.block.add(isMet, settled, effects);
    }
  }

  /** A name that is needed behind its block is a variable; nothing is left to do for one that is a constant. */
  private asVariable(statement: Statement): Statement | undefined {
    const begins = statement.kind === "let" || statement.kind === "start";
    if (!begins || !this.variables.has(statement.temporary)) return statement;
    const { temporary, value } = statement;
    const isKnown = value.kind === "constant";
    this.block.start(temporary, isKnown ? value : undefined);
    return isKnown ? undefined : { kind: "assign", temporary, value };
  }

  private effectsOf(statement: Statement): Effects {
    const effects = Effects.of(statement);
    for (const lost of effects.among(this.gone)) this.lost.add(lost);
    return effects;
  }

  /** Asks the condition here, for all that has waited. */
  private flush(): void {
    this.result.push(...this.block.statements(this.known.condition));
    for (const defined of this.block.defined()) this.gone.add(defined);
    this.block = new Block(this.keepsSums);
  }
}

/** What stands on the sides of a condition, and what has to follow. */
class Block {
  private readonly starts: Statement[] = [];
  private readonly yes: Statement[] = [];
  private readonly no: Statement[] = [];
  private readonly after: Statement[] = [];
  private readonly effects = new Effects();
  private readonly effectsAfter = new Effects();
  /** What is not known outside, by sides. */
  private readonly own: readonly [onNo: Set<Thing>, onYes: Set<Thing>] = [new Set(), new Set()];
  private readonly keepsSums: boolean;

  constructor(keepsSums: boolean) {
    this.keepsSums = keepsSums;
  }

  /** Begins a variable that is known behind the block. */
  start(temporary: Temporary, value: Value = zeroOf(temporary)): void {
    const start: Statement = { kind: "start", temporary, value };
    this.starts.push(start);
    this.effects.add(Effects.of(start));
  }

  add(isMet: boolean, statement: Statement, effects: Effects): void {
    (isMet ? this.yes : this.no).push(statement);
    this.effects.add(effects);
    const own = this.own[isMet ? 1 : 0];
    if (statement.kind === "index") own.add(statement.variable);
    if (statement.kind === "let" || statement.kind === "start") own.add(statement.temporary);
  }

  addAfter(statement: Statement, effects: Effects): void {
    this.after.push(statement);
    this.effectsAfter.add(effects);
  }

  meets(effects: Effects): boolean {
    return this.effects.meets(effects, this.keepsSums) || this.isBehind(effects);
  }

  /** Whether something has to stay behind what follows. */
  isBehind(effects: Effects): boolean {
    return this.effectsAfter.meets(effects, this.keepsSums);
  }

  defined(): ReadonlySet<Thing> {
    return new Set([...this.own[0], ...this.own[1]]);
  }

  definedOn(isMet: boolean): ReadonlySet<Thing> {
    return this.own[isMet ? 1 : 0];
  }

  statements(condition: Temporary): Statement[] {
    const { starts, yes, no, after } = this;
    const opposite: Value = { kind: "apply", primitive: not.primitive, operands: [condition], dtype: "bool" };
    const asked: Statement[] =
      yes.length > 0
        ? [{ kind: "if", condition, body: yes, otherwise: no }]
        : no.length > 0
          ? [{ kind: "if", condition: opposite, body: no, otherwise: [] }]
          : [];
    return [...starts, ...asked, ...after];
  }
}
