import { not, select } from "../../ops/elementary/comparison.ts";
import type { Loop, Statement, Temporary, Value } from "../program/loops.ts";
import {
  isNest,
  mapBodies,
  mapOperands,
  mapStatementValues,
  ownValue,
  visitStatement,
  visitValue,
} from "../program/rewrite-statements.ts";
import { usesIn } from "../program/uses.ts";
import { dtypeOf, folded, zeroOf } from "../program/values.ts";
import { Effects, type Thing } from "./effects.ts";
import type { Name } from "./stretch.ts";

/** So many conditions of a body are asked once. */
const mostConditions = 8;
/** In longer bodies they stay where they are. */
const longestBody = 400;

/**
 * The statements with bodies of loops in which a condition that several choices ask is asked once, and what one side alone reads is
 * computed there: engines branch at each choice between numbers, and compute before all of them what more than one reads.
 */
export function withBranches(
  body: readonly Statement[],
  name: Name,
  isTakenTogether: (loop: Loop) => boolean = () => false,
  isInLoop = false,
): readonly Statement[] {
  let statements = body;
  if (isInLoop && body.length <= longestBody && !body.some(callsRoutines)) {
    for (const condition of conditionsOf(body)) {
      // what stands on one side of another condition by now waits for its turn there
      if (isMadeIn(body, condition) && !isMadeIn(statements, condition)) continue;
      statements = branched(statements, condition, name);
    }
  }
  if (!statements.some(isNest)) return statements;
  return statements.map((statement) => {
    if (!isNest(statement) || (statement.kind === "for" && isTakenTogether(statement))) return statement;
    const isRepeated = statement.kind !== "part" && (isInLoop || statement.kind === "for");
    return mapBodies(statement, (inner) => [...withBranches(inner, name, isTakenTogether, isRepeated)]);
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
function branched(statements: readonly Statement[], condition: Temporary, name: Name): readonly Statement[] {
  const variables = new Set<Thing>();
  for (let tries = 0; tries < mostTries; tries++) {
    const branching = new Branching(condition, name, variables);
    const arranged = branching.arrange(statements);
    if (branching.lost.size === 0) return arranged;
    for (const lost of branching.lost) variables.add(lost);
  }
  return statements;
}

/** The names of conditions that these statements ask several times, those that are known last first: others may stand around them. */
function conditionsOf(statements: readonly Statement[]): Temporary[] {
  const counts = new Map<Temporary, number>();
  const note = (condition: Temporary | undefined) => {
    if (condition) counts.set(condition, (counts.get(condition) ?? 0) + 1);
  };
  for (const statement of statements) {
    const value = ownValue(statement);
    if (statement.kind === "if") note(namedCondition(statement.condition)?.[0]);
    if (value) visitValue(value, (inner) => note(choiceOf(inner)?.condition));
  }
  const shared = [...counts].filter(([condition, count]) => count > 1 && !isChangedIn(statements, condition));
  const most = shared.sort(([, a], [, b]) => b - a).slice(0, mostConditions);
  const place = (condition: Temporary) => statements.findIndex((statement) => isMadeIn([statement], condition));
  return most.map(([condition]) => condition).sort((a, b) => place(b) - place(a));
}

const isChangedIn = (statements: readonly Statement[], condition: Temporary): boolean =>
  usesIn(statements).get(condition) === true;

const isMadeIn = (statements: readonly Statement[], condition: Temporary): boolean =>
  statements.some((statement) => statement.kind === "let" && statement.temporary === condition);

interface Choice {
  readonly condition: Temporary;
  readonly yes: Value;
  readonly no: Value;
}

/** A choice by a condition that has a name, or by its opposite. */
function choiceOf(value: Value): Choice | undefined {
  if (value.kind !== "apply" || value.primitive !== select.primitive) return undefined;
  const [first, yes, no] = value.operands as [Value, Value, Value];
  const asked = namedCondition(first);
  if (!asked) return undefined;
  const [condition, isMet] = asked;
  return isMet ? { condition, yes, no } : { condition, yes: no, no: yes };
}

/** The name of a condition, and whether it is that or its opposite. */
function namedCondition(value: Value): readonly [Temporary, isMet: boolean] | undefined {
  if (value.kind === "temporary") return [value, true];
  const opposite = value.kind === "apply" && value.primitive === not.primitive ? value.operands[0]! : undefined;
  return opposite?.kind === "temporary" ? [opposite, false] : undefined;
}

const isChoice = (value: Value) => value.kind === "apply" && value.primitive === select.primitive;

const isZero = (value: Value) => value.kind === "constant" && value.value === 0;

/** The sides of a condition that read something, as bits. */
const [onYes, onNo] = [1, 2];
const onBoth = onYes | onNo;

/** A statement of one side of a condition. */
type OnSide = readonly [isMet: boolean, statement: Statement];

/** Gathers what depends on a condition where it is asked. */
class Branching {
  private readonly condition: Temporary;
  private readonly name: Name;
  /** On which sides a name is read. */
  private readonly sides = new Map<Temporary, number>();
  private readonly result: Statement[] = [];
  private block = new Block();
  /** What blocks define that stand already. */
  private readonly gone = new Set<Thing>();
  /** What is needed behind the block that defines it: the order is none. */
  readonly lost = new Set<Thing>();
  /** Names that are variables, known behind their blocks. */
  private readonly variables: ReadonlySet<Thing>;

  constructor(condition: Temporary, name: Name, variables: ReadonlySet<Thing>) {
    this.condition = condition;
    this.name = name;
    this.variables = variables;
  }

  /** The statements in another order, if nothing is lost. */
  arrange(statements: readonly Statement[]): readonly Statement[] {
    const made = statements.findIndex((statement) => isMadeIn([statement], this.condition));
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
      const canWait = first.length > 0 && this.isOfOneSide(statement) && !passed.meets(effects);
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
    return statement.kind === "let" && (this.sides.get(statement.temporary) ?? onBoth) !== onBoth;
  }

  /** Notes on which sides a statement that stands on these reads what it reads. */
  private noteReads(statement: Statement, sides: number): void {
    const branches = this.branches(statement);
    if (branches) for (const [isMet, inner] of branches) this.noteReads(inner, isMet ? onYes : onNo);
    else if (statement.kind === "shared")
      visitStatement(statement, { value: (value) => this.note(value, sides, false) });
    else {
      const inner = !isNest(statement)
        ? []
        : statement.kind === "if"
          ? [...statement.body, ...statement.otherwise]
          : statement.body;
      for (let k = inner.length - 1; k >= 0; k--) this.noteReads(inner[k]!, sides);
      const value = ownValue(statement);
      if (value) this.note(value, statement.kind === "let" ? (this.sides.get(statement.temporary) ?? sides) : sides);
    }
  }

  /** What stands behind a guard or another condition stays there. */
  private note(value: Value, sides: number, isOpen = true): void {
    if (value.kind === "temporary") this.sides.set(value, (this.sides.get(value) ?? 0) | sides);
    else if (value.kind === "guarded") this.note(value.value, sides, false);
    if (value.kind !== "apply") return;
    const choice = isOpen ? this.choice(value) : undefined;
    if (!choice) for (const operand of value.operands) this.note(operand, sides, isOpen && !isChoice(value));
    else {
      if (sides & onYes) this.note(choice.yes, sides & onYes);
      if (sides & onNo) this.note(choice.no, sides & onNo);
    }
  }

  private choice(value: Value): Choice | undefined {
    const choice = choiceOf(value);
    return choice?.condition === this.condition ? choice : undefined;
  }

  private place(statement: Statement): void {
    const onSides = this.branches(statement) ?? this.onOneSide(statement);
    if (onSides) for (const [isMet, inner] of onSides) this.add(isMet, inner);
    else {
      const placed = "value" in statement && statement.kind !== "fill" ? this.withVariables(statement) : statement;
      const effects = this.effectsOf(placed);
      for (const lost of effects.among(this.block.defined())) this.lost.add(lost);
      if (this.block.meets(effects)) this.block.addAfter(placed, effects);
      else this.result.push(placed);
    }
  }

  /** The statements of a choice by the condition. */
  private branches(statement: Statement): readonly OnSide[] | undefined {
    if (statement.kind !== "if") return undefined;
    const [condition, isMet] = namedCondition(statement.condition) ?? [];
    if (condition !== this.condition) return undefined;
    const { body, otherwise } = statement;
    return [...body.map((inner) => [isMet!, inner] as const), ...otherwise.map((inner) => [!isMet, inner] as const)];
  }

  /** A name that one side alone reads, or a sum that takes something up there alone. */
  private onOneSide(statement: Statement): readonly OnSide[] | undefined {
    if (statement.kind === "let") {
      const sides = this.sides.get(statement.temporary) ?? onBoth;
      return sides === onBoth ? undefined : [[sides === onYes, statement]];
    }
    if (statement.kind !== "accumulate" && statement.kind !== "combine") return undefined;
    const choice = statement.combine === "sum" ? this.choice(statement.value) : undefined;
    if (!choice) return undefined;
    if (isZero(choice.no)) return [[true, { ...statement, value: choice.yes }]];
    return isZero(choice.yes) ? [[false, { ...statement, value: choice.no }]] : undefined;
  }

  /** The statement with variables for choices that read what one side computes. */
  private withVariables<S extends Statement & { readonly value: Value }>(statement: S): S {
    const map = (value: Value): Value => {
      if (value.kind !== "apply") return value;
      const choice = this.choice(value);
      if (choice && (this.isOnSide(choice.yes) || this.isOnSide(choice.no))) return this.variableOf(choice, value);
      return isChoice(value) && !choice ? value : mapOperands(value, map);
    };
    const value = map(statement.value);
    return value === statement.value ? statement : { ...statement, value };
  }

  private variableOf({ yes, no }: Choice, value: Value): Temporary {
    const temporary = this.name(dtypeOf(value));
    const known = [no, yes].find(({ kind }) => kind === "constant");
    this.block.starts.push({ kind: "start", temporary, value: known ?? zeroOf(temporary) });
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
    const settled = this.asVariable(mapStatementValues(statement, (value) => this.settled(value, isMet)));
    if (this.block.isBehind(Effects.of(settled))) this.flush();
    this.block.add(isMet, settled, this.effectsOf(settled));
  }

  /** A name that is needed behind its block is a variable. */
  private asVariable(statement: Statement): Statement {
    if (statement.kind !== "let" || !this.variables.has(statement.temporary)) return statement;
    const { temporary, value } = statement;
    this.block.starts.push({ kind: "start", temporary, value: zeroOf(temporary) });
    return { kind: "assign", temporary, value };
  }

  private effectsOf(statement: Statement): Effects {
    const effects = Effects.of(statement);
    for (const lost of effects.among(this.gone)) this.lost.add(lost);
    return effects;
  }

  /** The value where the condition is known. */
  private settled(value: Value, isMet: boolean): Value {
    if (value.kind === "guarded") return { ...value, value: this.settled(value.value, isMet) };
    if (value.kind === "apply") return folded(mapOperands(value, (operand) => this.settled(operand, isMet)));
    return value === this.condition ? { kind: "constant", value: isMet ? 1 : 0, dtype: "bool" } : value;
  }

  /** Asks the condition here, for all that has waited. */
  private flush(): void {
    this.result.push(...this.block.statements(this.condition));
    for (const defined of this.block.defined()) this.gone.add(defined);
    this.block = new Block();
  }
}

/** What stands on the sides of a condition, and what has to follow. */
class Block {
  readonly starts: Statement[] = [];
  private readonly yes: Statement[] = [];
  private readonly no: Statement[] = [];
  private readonly after: Statement[] = [];
  private readonly effects = new Effects();
  private readonly effectsAfter = new Effects();
  /** What is not known outside. */
  private readonly own = new Set<Thing>();

  add(isMet: boolean, statement: Statement, effects: Effects): void {
    (isMet ? this.yes : this.no).push(statement);
    this.effects.add(effects);
    if (statement.kind === "index") this.own.add(statement.variable);
    if (statement.kind === "let" || statement.kind === "start") this.own.add(statement.temporary);
  }

  addAfter(statement: Statement, effects: Effects): void {
    this.after.push(statement);
    this.effectsAfter.add(effects);
  }

  meets(effects: Effects): boolean {
    return this.effects.meets(effects) || this.effectsAfter.meets(effects);
  }

  /** Whether something has to stay behind what follows. */
  isBehind(effects: Effects): boolean {
    return this.effectsAfter.meets(effects);
  }

  defined(): ReadonlySet<Thing> {
    return this.own;
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
