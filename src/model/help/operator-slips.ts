import { name } from "../syntax/words.ts";
import { aDeclaration, anOperator, aValue, pattern, type Slip } from "./slip.ts";

/** Signs that other languages have and this one has not, or has for something else. */
export const operatorSlips: readonly Slip[] = [
  {
    pattern: /^[ \t]*\/\/.*$|\/\/[ \t]*\p{L}[^\n+*/^@<>=[\](){}]*$/gmu,
    summary: '"//" divides and rounds down; it does not begin a comment.',
    wayOut: 'Begin a comment with "#".',
  },
  {
    pattern: /\/\*/gmu,
    summary: '"/*" does not begin a comment.',
    wayOut: 'Begin each line of a comment with "#".',
  },
  {
    pattern: /^[ \t]*--.*$/gmu,
    atStart: true,
    wanted: ["="],
    summary: '"--" does not begin a comment.',
    wayOut: 'Begin a comment with "#".',
  },
  { pattern: /\*\*/gmu, summary: '"**" is not an operator; a power is written with "^".', wayOut: 'Write "^".' },
  {
    pattern: /\.([*/^]|[+\-<>!=]=?)/gmu,
    summary: '"$0" is not an operator; every operator works on whole arrays.',
    wayOut: 'Write "$1".',
  },
  { pattern: /&&?/gmu, summary: '"$0" is not an operator.', wayOut: 'Write "and".' },
  {
    pattern: /(?:\|\||‖)([^|‖\n]+)(?:\|\||‖)/gmu,
    wanted: [aValue],
    atStart: true,
    summary: 'bars do not make a norm, got "$0".',
    wayOut: 'Write "norm($1)".',
  },
  { pattern: /\|\|/gmu, summary: '"||" is not an operator.', wayOut: 'Write "or".' },
  {
    pattern: /\|([^|\n]+)\|/gmu,
    summary: 'bars do not make an absolute value, got "$0".',
    wayOut: 'Write "abs($1)".',
  },
  {
    pattern: pattern(`${name}_lp[dm]f[ \\t]*\\([^\\n]*`),
    summary: "there are no distributions.",
    wayOut: 'Write the logarithm of the density, such as "-0.5 * ((x - m) / s)^2 - log(s) - log(2 * pi) / 2".',
  },
  { pattern: /\|/gmu, summary: '"|" is not an operator.', wayOut: 'Write "or", or "abs(...)" for an absolute value.' },
  {
    pattern: /!(?!=)/gmu,
    summary: '"!" is not an operator.',
    wayOut: 'Write "not", or "exp(lgamma(n + 1))" for a factorial.',
  },
  { pattern: /<-/gmu, summary: '"<-" is not an operator; "=" gives a name its value.', wayOut: 'Write "=".' },
  { pattern: /\\/gmu, summary: '"\\" is not an operator.', wayOut: 'Write "solve(A, b)" for the x with A @ x = b.' },
  {
    pattern: /\.size$|\.size(?=\W)|(?<![\p{L}\d_])size[ \t]*\([^()\n]*\)?/gmu,
    summary: 'sizes have names, got "$0".',
    wayOut: 'Name the size where the array is declared, "x: [n]", and use n.',
  },
  {
    pattern: pattern(`^[ \\t]*model[ \\t]+${name}`),
    wanted: ["="],
    summary: '"model" names the whole text, once, in its first line.',
    wayOut: "Put it there, or delete it.",
  },
  {
    pattern: /(?:param|data)[ \t]*<[^>\n]*>?/gmu,
    summary: 'bounds stand behind a name and its type, got "$0".',
    wayOut: 'Write "param x: [n] within 0..inf".',
  },
  {
    pattern: /[<>]=?[^\n,]*/gmu,
    wanted: [aDeclaration],
    atStart: true,
    summary: 'the bounds of a declaration are a range, got "$0".',
    wayOut: 'Write "within 0..inf", or "within low..high".',
  },
  {
    pattern: /~[^\n]*/gmu,
    wanted: [aDeclaration],
    atStart: true,
    summary: 'there is no statement for a distribution, got "$0".',
    wayOut: 'Write the negative logarithm of its density into "loss = ...".',
  },
  {
    pattern: /~/gmu,
    wanted: [aValue],
    atStart: true,
    summary: '"~" is not an operator.',
    wayOut: 'Write "not".',
  },
  {
    pattern: /\?/gmu,
    summary: '"? :" is not an operator; a choice is written in words.',
    wayOut: 'Write "if condition then a else b".',
  },
  {
    pattern: /%([*o])%/gmu,
    summary: '"$0" is not an operator.',
    wayOut: 'Write "A @ B" for a product of matrices, "outer(x, y)" for all products of two vectors.',
  },
  {
    pattern: /%/gmu,
    summary: '"%" is not an operator.',
    wayOut: 'Write "mod(a, b)" for the remainder; a comment begins with "#".',
  },
  {
    pattern: /:=/gmu,
    summary: '":=" is not an operator; "=" gives a name its value.',
    wayOut: 'Write "=".',
  },
  {
    pattern: /^[ \t]*(?:loss|target)[ \t]*[-+]=/gmu,
    summary: '"$0" would change a value; values never change.',
    wayOut: 'Write one line with all terms: "loss = ...".',
  },
  {
    pattern: /([-+*/])=/gmu,
    summary: '"$0" would change a value; values never change.',
    wayOut: 'Give the new value a name of its own: "let next = ...".',
  },
  {
    pattern: /<>/gmu,
    wanted: [aValue],
    summary: '"<>" is not an operator.',
    wayOut: 'Write "!=".',
  },
  {
    pattern: /=</gmu,
    wanted: [anOperator],
    atStart: true,
    summary: '"=<" is not an operator.',
    wayOut: 'Write "<=".',
  },
  {
    pattern: /==/gmu,
    wanted: ["="],
    summary: '"==" compares; "=" gives a name its value.',
    wayOut: 'Write "=".',
  },
  {
    pattern: /=>/gmu,
    summary: '"=>" is not an operator.',
    wayOut: 'Write ">=" to compare, "def f(x) = ..." for a function.',
  },
  {
    pattern: /(?<![=<>!])=(?!=)/gmu,
    wanted: [anOperator],
    summary: '"=" gives a name its value; within an expression "==" compares.',
    wayOut: 'Write "==" to compare; a name gets its value in a statement of its own.',
  },
];
