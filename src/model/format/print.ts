import type { Definition, Expression, Parameter, Size, Statement, Unit } from "../syntax/syntax.ts";
import { outputsItself } from "../syntax/walk.ts";
import {
  bracketed,
  declarationItems,
  flatten,
  type Item,
  separated,
  task,
  typeItems,
  unitText,
  valueItems,
} from "./expression-items.ts";
import { close, open, type Piece } from "./layout.ts";

/** The pieces of a statement: its words, and the places where it may be broken. */
export function printStatement(statement: Statement): Piece[] {
  return flatten([open, ...statementItems(statement), close]);
}

/** The pieces of an expression. */
export function printExpression(expression: Expression): Piece[] {
  return flatten([task(expression, "apart")]);
}

function statementItems(statement: Statement): Item[] {
  switch (statement.kind) {
    case "sizes":
      return ["size ", ...separated(statement.sizes, sizeItems)];
    case "units":
      return ["unit ", ...separated(statement.units, unitItems)];
    case "declarations":
      return [`${statement.keyword} `, ...separated(statement.declarations, declarationItems)];
    case "definitions": {
      const word = statement.keyword === "loss" ? "" : `${statement.keyword} `;
      const isOutput = statement.keyword === "output";
      return [word, ...separated(statement.definitions, isOutput ? outputItems : declarationItems)];
    }
    case "function":
      return [
        `def ${statement.name.name}`,
        ...bracketed("(", statement.parameters, parameterItems, ")"),
        ...valueItems(statement.body),
      ];
  }
}

/** An output that is written as a name alone is its own value. */
function outputItems(definition: Definition): Item[] {
  const { name, value } = definition;
  return outputsItself(definition) && value.span === name.span ? [name.name] : declarationItems(definition);
}

function sizeItems({ name, value, hint }: Size): Item[] {
  return [name.name, ...valueItems(value), hint ? ` ~ ${hint.text}` : ""];
}

function unitItems({ name, value }: Unit): Item[] {
  return [name.name, value ? ` = ${unitText(value)}` : ""];
}

function parameterItems({ name, type }: Parameter): Item[] {
  return [name.name, ...typeItems(type)];
}
