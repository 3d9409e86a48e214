import { reserved, statementWords } from "../syntax/parser.generated.js";
import { letter, name, wholeWord } from "../syntax/words.ts";

import { aDeclaration, anOperator, aValue, noBlocks, pattern, type Slip } from "./slip.ts";

const startsStatement = wholeWord(statementWords);
const number = `(?<!${letter})(\\d[\\d.]*(?:[eE][-+]?\\d+)?)`;
const elementType = wholeWord(["real", "float", "int", "bool"]);
/** An expression whose commas stand in brackets. */
const anElement = "(?:[^,()[\\]\\n#]|\\([^()\\n]*\\)|\\[[^[\\]\\n]*\\])+?";

/** Expressions and statements in forms that other languages have. */
export const formSlips: readonly Slip[] = [
  {
    pattern: /["`'][^"`'\n]*["`']?/gmu,
    atStart: true,
    summary: "a model holds no text in quotes.",
    wayOut: 'Write names without quotes; "\'" directly behind a value swaps its last two axes.',
  },
  {
    pattern: pattern(
      `^[ \\t]*(?:let[ \\t]+)?(${name})[ \\t]*,[ \\t]*(${name})[ \\t]*=(?!=)[ \\t]*(${anElement}),[ \\t]*(${anElement})$`,
    ),
    summary: "each name has its own value behind it.",
    wayOut: 'Write "let $1 = $3, $2 = $4".',
  },
  {
    pattern: pattern(
      `^[ \\t]*(?:let[ \\t]+)?[(\\[]?(?:[ \\t]*${name}[ \\t]*,)+[ \\t]*${name}[ \\t]*[)\\]]?[ \\t]*=(?!=)[ \\t]*(.*)$`,
    ),
    summary: "several names cannot take what one expression gives.",
    wayOut:
      'Write "let r = $1" and read its fields, such as "r.values" of eigh or "r.q" of qr, or its elements, "r[0]".',
  },
  { pattern: pattern("^[ \\t]*(?:data|model)[ \\t]*\\{"), ...noBlocks },
  {
    pattern: pattern(wholeWord(["for", "while"]), ".*$"),
    summary: 'there is no loop; what repeats is an expression, got "$0".',
    wayOut:
      'Write "sum(i in 0..n: ...)" to add, "[i in 0..n: ...]" for an array, "scan(i in 0..n, s = s0: ...)" to carry on.',
  },
  {
    pattern: pattern(wholeWord(["elif", "elseif", "elsif"])),
    summary: '"$0" is not a word of the language.',
    wayOut: 'Write "else if".',
  },
  {
    pattern: pattern(wholeWord(["lambda"]), "[ \\t]+[^:\\n]*|->"),
    summary: 'a function has a name of its own, got "$0".',
    wayOut: 'Write "def f(x) = ..." in a line before, or run over elements: "[v in x: v^2]".',
  },
  {
    pattern: pattern(`^[ \\t]*(${name})[ \\t]*:[ \\t]*`),
    wanted: ["vector"],
    summary: 'between "$1" and its value "=" is needed; behind ":" stands a type.',
    wayOut: 'Write "$1 = ...".',
  },
  {
    pattern: pattern(`${wholeWord(["let", "const", "output"])}[ \\t]+(${name})\\(([^()\\n]*)\\)(?=[ \\t]*=)`),
    wanted: ["within"],
    summary: '"def" begins a function, got "$0".',
    wayOut: 'Write "def $1($2) = ...".',
  },
  {
    pattern: pattern(`def[ \\t]+(${name})\\(([^()\\n]*)\\)[ \\t]*:`),
    summary: 'between the head of a function and its value "=" is needed, got ":".',
    wayOut: 'Write "def $1($2) = ...", with "{ let a = ...; return a }" for several lines.',
  },
  {
    pattern: pattern(`(?<=def[ \\t]+${name}\\([^()\\n]*?)(${name})[ \\t]*=(?!=)[ \\t]*(${anElement})(?=[,)])`),
    summary: 'an argument of a function has no value of its own, got "$0".',
    wayOut: 'Write "$1" in the head and $2 in the calls, or a second function that calls this one with $2.',
  },
  {
    pattern: pattern(`(${name})[ \\t]+in[ \\t]+([^\\s:,()]+):([^\\s:,()]+)[ \\t]*:`),
    summary: 'a range is written with two points, got "$2:$3".',
    wayOut: 'Write "$1 in $2..$3: ...".',
  },
  {
    pattern: pattern(
      `\\{[ \\t]*(${name})[ \\t]*[=:][ \\t]*(${anElement})[ \\t]*,[ \\t]*(${name})[ \\t]*[=:][ \\t]*(${anElement})[ \\t]*[,}]`,
    ),
    summary: 'the fields of a record stand behind ";", or in lines of their own, got "$0".',
    wayOut: 'Write "{ $1 = $2; $3 = $4 }".',
  },
  {
    pattern: pattern(`(?<!\\$)\\{[ \\t]*((?:[-+\\d.]|${name}[ \\t]*,)[^{}\\n]*?)[ \\t]*\\}`),
    summary: "braces hold a block of definitions; an array stands in brackets.",
    wayOut: 'Write "[$1]".',
  },
  {
    pattern: pattern(`(${name})[ \\t]+in[ \\t]+([^:,()[\\]\\n]+?)[ \\t]*\\.\\.[ \\t]*`),
    wanted: [aValue],
    summary: 'the range of an iterator has both ends, got "$2..".',
    wayOut: 'Write "$1 in $2..n", or leave the range out: "$1: ...".',
  },
  {
    pattern: pattern(`(${name})[ \\t]+in[ \\t]+\\.\\.(?=[ \\t]*([^:,()[\\]\\n]+))`),
    wanted: [aValue],
    summary: "the range of an iterator has both ends.",
    wayOut: 'Write "$1 in 0..$2", or leave the range out: "$1: ...".',
  },
  {
    pattern: /within[ \t]+(-?[\d.]+),[ \t]*(-?[\d.]+)/gmu,
    wanted: ["a name"],
    unwanted: [aValue],
    summary: 'a range is written with two points, got "$1, $2".',
    wayOut: 'Write "within $1..$2".',
  },
  {
    pattern: /\bin[ \t]+([^\s,=]+\.\.[^\s,=]+)/gmu,
    wanted: ["1"],
    summary: 'behind "in" stands a unit, got "$1".',
    wayOut: 'Write "within $1".',
  },
  {
    pattern: /(\d+),(\d+)/gmu,
    wanted: ["a name"],
    unwanted: [aValue],
    summary: '"$0" has a comma where a number has a point.',
    wayOut: 'Write "$1.$2".',
  },
  {
    // as above, where no value could follow the comma
    pattern: /(?<=(\d+)),(\d+)/gmu,
    wanted: [anOperator],
    atStart: true,
    summary: '"$1,$2" has a comma where a number has a point.',
    wayOut: 'Write "$1.$2".',
  },
  {
    pattern: /\b0[xXbBoO][\da-fA-F]+/gmu,
    summary: 'numbers are written with decimal digits, got "$0".',
    wayOut: 'Write "16" for "0x10".',
  },
  {
    pattern: pattern(`${number}([fFdDlLuUj])(?!${letter})`),
    summary: 'between a number and a name an operator is needed, got "$0".',
    wayOut: 'Write "$1" for the number, which has no ending for its type, or "$1*$2" for a product.',
  },
  {
    pattern: pattern(`${number}(${name})`),
    summary: 'between a number and a name an operator is needed, got "$0".',
    wayOut: 'Write "$1*$2".',
  },
  {
    pattern: pattern(`(${name})\\^(\\d+)[ \\t]*\\(`),
    summary: "a power stands behind what it is of.",
    wayOut: 'Write "$1(...)^$2".',
  },
  {
    pattern: pattern(`${number}[ \\t]*\\(`),
    summary: 'between a number and "(" an operator is needed.',
    wayOut: 'Write "$1*(...)".',
  },
  {
    pattern: pattern(`${number}[ \\t]+(?!${wholeWord(reserved)})(${name})`),
    wanted: [anOperator],
    summary: 'between a number and a name an operator is needed, got "$0".',
    wayOut: 'Write "$1*$2"; if "$2" is a unit, it stands before the "=": "x in $2 = $1".',
  },
  {
    pattern: pattern(`(${name})\\.\\(`),
    summary: "every function of numbers takes whole arrays.",
    wayOut: 'Write "$1(...)".',
  },
  {
    pattern: pattern(`(?<!${letter})(mod|rem|xor|div)[ \\t]+[^\\n]*`),
    wanted: [anOperator],
    atStart: true,
    summary: '"$1" is not an operator.',
    wayOut:
      'Write "mod(a, b)" for a remainder, "a // b" for a quotient of whole numbers, "p != q" for one condition alone.',
  },
  {
    pattern: pattern(`=[ \\t]*([^=\\n,]*?)[ \\t]+(in[ \\t][^\\n,:]*)$`),
    wanted: [anOperator],
    summary: "a unit stands before the value.",
    wayOut: 'Write "$2 = $1".',
  },
  {
    pattern: pattern(`=[ \\t]*([^=\\n,]*?)[ \\t]+(within[ \\t][^\\n,]*)`),
    wanted: [anOperator],
    summary: "bounds stand before the value.",
    wayOut: 'Write "$2 = $1".',
  },
  {
    pattern: /\)[ \t]*\(/gmu,
    wanted: [anOperator],
    summary: 'between ")" and "(" an operator is needed.',
    wayOut: 'Write ") * (" for a product. No call gives a function: "grad(f, w)" takes all it needs at once.',
  },
  {
    pattern: pattern(wholeWord(["return"])),
    atStart: true,
    summary: '"return" stands at the end of a block only.',
    wayOut: 'Write "output name = ..." to hand out a value, or "{ let a = ...; return a }" for a block.',
  },
  {
    pattern: pattern(startsStatement),
    wanted: [anOperator],
    atStart: true,
    summary: 'a statement ends with its line, got "$0" behind one.',
    wayOut: 'Begin a new line before "$0", or write ";" between the two.',
  },
  {
    pattern: pattern(wholeWord(reserved)),
    wanted: ["a name"],
    unwanted: [aValue],
    atStart: true,
    summary: '"$0" is a word of the language and cannot be a name.',
    wayOut: 'Choose another name, such as "$0_".',
  },
  {
    pattern: pattern(startsStatement),
    wanted: [aValue],
    atStart: true,
    summary: '"$0" is a word of the language and cannot be a name.',
    wayOut: 'Choose another name, such as "$0_".',
  },
  {
    pattern: pattern(`(let|const|output)[ \\t]+(${name})[ \\t]*\\[([^=\\]\\n]*)\\][ \\t]*=.*$`),
    wanted: [aDeclaration],
    summary: "elements are not set one by one; an array is made at once.",
    wayOut: 'Write "$1 $2 = [i in 0..n: ...]".',
  },
  {
    pattern: pattern(`(${name})[ \\t]+(${elementType}(?:\\[[^\\]\\n]*\\]?)?)`),
    wanted: [aDeclaration],
    summary: 'between a name and its type ":" is needed, got "$0".',
    wayOut: 'Write "$1: $2".',
  },
  {
    pattern: pattern(`(${elementType})[ \\t]+(${name})(?:[ \\t]*:[ \\t]*(\\[[^\\]\\n]*\\]?))?`),
    wanted: [aDeclaration],
    summary: 'a type stands behind its name, got "$0".',
    wayOut: 'Write "$2: $1$3".',
  },
  {
    pattern: pattern(`(${elementType})[ \\t]+(\\[[^\\]\\n]*\\]?)`),
    wanted: [aDeclaration],
    summary: 'a shape stands directly behind its type, got "$0".',
    wayOut: 'Write "$1$2".',
  },
  {
    pattern: pattern(`(${name})[ \\t]*\\[([^\\]/\\n]*/(?!/)[^\\]\\n]*)\\]`),
    wanted: [aDeclaration],
    summary: 'a unit stands behind "in", got "$0".',
    wayOut: 'Write "$1 in $2".',
  },
  {
    pattern: pattern("(\\[[^\\]\\n]*\\])[ \\t]*\\[([^\\]\\n]*)\\]"),
    wanted: [aDeclaration],
    summary: 'a shape is one list of sizes, and a unit stands behind "in", got "$0".',
    wayOut: 'Write "$1 in $2", or "[n, d]" for two axes.',
  },
  {
    pattern: pattern(`(${name})[ \\t]*(\\[[^\\]\\n]*\\]?)`),
    wanted: [aDeclaration],
    summary: 'between a name and its shape ":" is needed, got "$0".',
    wayOut: 'Write "$1: $2".',
  },
  {
    pattern: pattern(`(let|const|output)[ \\t]+(${name})(?:(?:[ \\t]*:|[ \\t]+in[ \\t])[^=\\n,]*)?[ \\t]*(?=[,;#}]|$)`),
    wanted: ["=", aDeclaration],
    summary: '"$1 $2" has no value.',
    wayOut: 'Write "$1 $2 = ...".',
  },
  {
    pattern: pattern(
      `((?:let|const|output)[ \\t]+${name}|loss)[ \\t]+(?!${wholeWord(reserved)})((?:${letter}|[(.])[^=\\n#;]*?)[ \\t]*(?=[#;]|$)`,
    ),
    wanted: ["=", aDeclaration],
    summary: 'between "$1" and its value "=" is needed.',
    wayOut: 'Write "$1 = $2".',
  },
  {
    pattern: pattern(`(?!${wholeWord(reserved)})${name}`),
    wanted: [aDeclaration, ","],
    atStart: true,
    summary: 'between two declarations "," is needed, got "$0" behind one.',
    wayOut: 'Write ", $0".',
  },
  {
    pattern: pattern(
      `(let|const|output)[ \\t]+(${name})[ \\t]*:[ \\t]*(?!${elementType})([^=\\n#;]*?)[ \\t]*(?=[#;]|$)`,
    ),
    wanted: ["vector"],
    summary: 'between "$2" and its value "=" is needed; behind ":" stands a type.',
    wayOut: 'Write "$1 $2 = $3".',
  },
  {
    pattern: pattern(`${name}|\\d+`),
    wanted: ["vector"],
    atStart: true,
    summary: 'a shape stands in brackets, got "$0".',
    wayOut: 'Write "[$0]"; a type is "int", "bool", or nothing for a real.',
  },
  {
    pattern: pattern(`output[ \\t]+((?:[^=\\n#;,()]|\\([^()\\n]*\\))*?)[ \\t]*(?=[,;#]|$)`),
    wanted: ["=", aDeclaration],
    summary: 'an output that is computed needs a name, got "$1".',
    wayOut: 'Write "output name = $1".',
  },
  {
    pattern: pattern(`(?<!${letter})(?!${wholeWord(reserved)})(${name})[ \\t]+\\(`),
    summary: '"(" stands directly behind the name of what is called.',
    wayOut: 'Write "$1(...)"; for a product write "$1 * (...)".',
  },
  {
    pattern: pattern(
      `(?<!${letter})(?!${wholeWord(reserved)})(${name})[ \\t]+(?!${wholeWord(reserved)}|is\\b)(${name}(?:\\[[^\\]\\n]*\\])?)[ \\t]*$`,
    ),
    wanted: [anOperator],
    summary: 'between "$1" and "$2" an operator or brackets are missing.',
    wayOut: 'Write "$1($2)" for a function, "$1 * $2" for a product.',
  },
  {
    pattern: pattern(
      `(?<!${letter})(?!${wholeWord(reserved)})(${letter}+)[ \\t]+(?!${wholeWord(reserved)}|is\\b)(${letter}+)`,
    ),
    wanted: [anOperator, ","],
    summary: 'between "$1" and "$2" a comma or an operator is missing.',
    wayOut: 'Write "$1, $2" or "$1 * $2".',
  },
  {
    pattern: pattern(`(?<!${letter})(sum|prod|max|min|mean)(?:_\\{?|[ \\t]*[{[])(${name})[}\\]]?`),
    wanted: [anOperator],
    summary: 'an iterator stands in the brackets of what it is for, got "$0".',
    wayOut: 'Write "$1($2: ...)", or "$1($2 in 0..n: ...)".',
  },
  {
    pattern: pattern(`'[ \\t]*(?=[(\\p{L}\\d])`),
    wanted: [anOperator],
    summary: 'behind "\'" an operator is needed.',
    wayOut: 'Write "x @ y" for an inner product, "A\' @ B" for a product of matrices.',
  },
  {
    pattern: /\[[^[\]\n]*;[^\]\n]*\]?/gmu,
    wanted: ["]", ","],
    summary: 'each row of a matrix stands in brackets of its own, got "$0".',
    wayOut: 'Write "[[1, 2], [3, 4]]" for rows, "concat(x, y)" for arrays one behind the other.',
  },
  {
    pattern: pattern(`^[ \\t]*(${name})\\.(${name})[ \\t]*\\(.*$`),
    wanted: ["="],
    summary: 'a statement gives a name its value, got "$0".',
    wayOut: 'Write "let name = ...". Derivatives are values too: "output g = grad(loss, w)".',
  },
  {
    pattern: pattern(`(${name})[ \\t]+\\[`),
    wanted: [anOperator],
    summary: '"[" stands directly behind what is indexed.',
    wayOut: 'Write "$1[...]".',
  },
  {
    pattern: /\{\s*\}/gmu,
    summary: "a block needs a value.",
    wayOut: 'End it with "return value", or with fields "name = value".',
  },
  {
    pattern: pattern(`(?<=[{;\\n][ \\t]*)${name}[^=\\n}]*(?=[\\n}])`),
    wanted: ["="],
    unwanted: [aDeclaration],
    summary: 'a block ends in "return" and a value, or in fields, got "$0".',
    wayOut: 'Write "return $0".',
  },
  {
    pattern: pattern(wholeWord(["if"])),
    wanted: [anOperator],
    atStart: true,
    summary: 'a choice begins with "if" and its condition.',
    wayOut: 'Write "if condition then a else b".',
  },
  {
    pattern: /\S/gmu,
    wanted: ["then"],
    atStart: true,
    summary: 'an "if" needs its "then", got "$0".',
    wayOut: 'Write "if condition then a else b".',
  },
  {
    pattern: /$|[)\]},;]/gmu,
    wanted: ["else"],
    summary: 'an "if" needs its "else".',
    wayOut: 'Write a value for the other case, such as "else 0".',
  },
];
