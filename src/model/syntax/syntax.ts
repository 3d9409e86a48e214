import type { Source, Span } from "../../ir/source.ts";

/**
 * The tree that the grammar makes of a model's text. It holds what was written and nothing that was concluded; each
 * node knows where it stands. Names are plain strings: put them in a Map or a Set, never into an object's keys.
 */
export interface Model {
  readonly kind: "model";
  readonly source: Source;
  readonly name: Name | undefined;
  readonly statements: readonly Statement[];
  /** In the order of the text; no part of the meaning. */
  readonly comments: readonly Comment[];
  readonly span: Span;
}

/** `# text`, from the sign to the end of the line. */
export interface Comment {
  readonly text: string;
  /** Nothing but space stands before it on its line. */
  readonly ownLine: boolean;
  readonly span: Span;
}

export type Statement = Sizes | Units | Declarations | Definitions | FunctionDefinition;

/** `size n, stride = 2, m ~ 1000` */
export interface Sizes {
  readonly kind: "sizes";
  readonly sizes: readonly Size[];
  readonly span: Span;
}

export interface Size {
  readonly kind: "size";
  readonly name: Name;
  readonly value: Expression | undefined;
  /** After `~`: the size to expect, for costs only. */
  readonly hint: NumberLiteral | undefined;
  readonly span: Span;
}

/** `unit N = kg*m/s^2, mol` */
export interface Units {
  readonly kind: "units";
  readonly units: readonly Unit[];
  readonly span: Span;
}

export interface Unit {
  readonly kind: "unit";
  readonly name: Name;
  readonly value: UnitProduct | undefined;
  readonly span: Span;
}

/** `param w: [d] = 0, b` or `data label: int[n] within 0..k` */
export interface Declarations {
  readonly kind: "declarations";
  readonly keyword: "param" | "data";
  readonly declarations: readonly Declaration[];
  readonly span: Span;
}

/** `let a = e, b = f`, the same with `const` and `output`, and `loss = e` */
export interface Definitions {
  readonly kind: "definitions";
  readonly keyword: "let" | "const" | "output" | "loss";
  readonly definitions: readonly Definition[];
  readonly span: Span;
}

/** `name: type in unit within range = value`: one form for everything that gets a name. */
export interface Declaration {
  readonly kind: "declaration";
  readonly name: Name;
  readonly type: Type | undefined;
  readonly unit: UnitProduct | undefined;
  readonly within: Expression | undefined;
  readonly value: Expression | undefined;
  readonly span: Span;
}

/** A declaration that has its value. */
export interface Definition extends Declaration {
  readonly value: Expression;
}

/** `def f(x: [d], y) = e` */
export interface FunctionDefinition {
  readonly kind: "function";
  readonly name: Name;
  readonly parameters: readonly Parameter[];
  readonly body: Expression;
  readonly span: Span;
}

export interface Parameter {
  readonly kind: "parameter";
  readonly name: Name;
  readonly type: Type | undefined;
  readonly span: Span;
}

/** `int[n]`: at least one of the two is there; without an element it is real, without a shape a scalar. */
export interface Type {
  readonly kind: "type";
  readonly element: "real" | "int" | "bool" | undefined;
  readonly shape: readonly Expression[] | undefined;
  readonly span: Span;
}

/** `kg*m/s^2` */
export interface UnitProduct {
  readonly kind: "unitProduct";
  readonly factors: readonly UnitFactor[];
  readonly span: Span;
}

export interface UnitFactor {
  /** How it joins what stands before it; `*` for the first. */
  readonly operator: "*" | "/";
  readonly base: Name | "1" | UnitProduct;
  readonly exponent: number;
}

export type Expression =
  | NumberLiteral
  | Name
  | Hole
  | Unary
  | Binary
  | Comparisons
  | If
  | Call
  | Binder
  | ArrayLiteral
  | Comprehension
  | Index
  | Member
  | Transpose
  | Text
  | Block;

export interface NumberLiteral {
  readonly kind: "number";
  /** As it was spelled. */
  readonly text: string;
  readonly value: number;
  readonly span: Span;
}

export interface Name {
  readonly kind: "name";
  readonly name: string;
  readonly span: Span;
}

/** The place of a value in a tagged template. */
export interface Hole {
  readonly kind: "hole";
  readonly index: number;
  readonly span: Span;
}

export type UnaryOperator = "-" | "+" | "not";

export interface Unary {
  readonly kind: "unary";
  readonly operator: UnaryOperator;
  readonly operand: Expression;
  readonly span: Span;
}

export type BinaryOperator =
  | "or"
  | "and"
  | "=="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | ".."
  | "+"
  | "-"
  | "*"
  | "/"
  | "//"
  | "@"
  | "^";

export interface Binary {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
  readonly span: Span;
}

/** `a < b <= c`: every comparison holds, and each operand is one value. */
export interface Comparisons {
  readonly kind: "comparisons";
  readonly operands: readonly Expression[];
  /** One fewer than the operands. */
  readonly operators: readonly BinaryOperator[];
  readonly span: Span;
}

/** `"ij,jk->ik"`, which stands as an argument only. */
export interface Text {
  readonly kind: "text";
  readonly text: string;
  readonly span: Span;
}

/** `if c then a else if d then b else e`: arms in order, so a long chain is not a deep tree. */
export interface If {
  readonly kind: "if";
  readonly arms: readonly Arm[];
  readonly otherwise: Expression;
  readonly span: Span;
}

export interface Arm {
  readonly kind: "arm";
  readonly condition: Expression;
  readonly value: Expression;
  readonly span: Span;
}

/** `f(a, b, axis = 1)` */
export interface Call {
  readonly kind: "call";
  readonly callee: Name;
  readonly arguments: readonly (Expression | NamedArgument)[];
  readonly span: Span;
}

/** `sum(i in 0..n: e)`, `scan(x in xs, h = h0: e)`: a call that binds names in a body. */
export interface Binder {
  readonly kind: "binder";
  readonly callee: Name;
  readonly bindings: readonly (Iterator | NamedArgument)[];
  readonly body: Expression;
  readonly span: Span;
}

/** `axis = 1` in a call; a carry, a start or an option in a binder. */
export interface NamedArgument {
  readonly kind: "named";
  readonly name: Name;
  readonly value: Expression;
  readonly span: Span;
}

/** `i in 0..n`, or `i` alone, whose range is found from its uses. */
export interface Iterator {
  readonly kind: "iterator";
  readonly name: Name;
  readonly domain: Expression | undefined;
  readonly span: Span;
}

/** `[1, 2, 3]` */
export interface ArrayLiteral {
  readonly kind: "array";
  readonly elements: readonly Expression[];
  readonly span: Span;
}

/** `[i in 0..n, j: e]` */
export interface Comprehension {
  readonly kind: "comprehension";
  readonly iterators: readonly Iterator[];
  readonly body: Expression;
  readonly span: Span;
}

/** `x[i, :]` */
export interface Index {
  readonly kind: "index";
  readonly target: Expression;
  readonly indices: readonly Subscript[];
  readonly span: Span;
}

/** What stands in the brackets of an index. */
export type Subscript = Expression | WholeAxis | Slice | Ellipsis;

/** `1:`, `:-1`, `::2` in the place of an index, and `1:3` for `1..3`. */
export interface Slice {
  readonly kind: "slice";
  readonly low: Expression | undefined;
  readonly high: Expression | undefined;
  readonly step: Expression | undefined;
  readonly span: Span;
}

/** `...` in the place of indices: as many whole axes as there are. */
export interface Ellipsis {
  readonly kind: "ellipsis";
  readonly span: Span;
}

/** `:` in the place of an index. */
export interface WholeAxis {
  readonly kind: "wholeAxis";
  readonly span: Span;
}

/** `run.h` */
export interface Member {
  readonly kind: "member";
  readonly target: Expression;
  readonly name: Name;
  readonly span: Span;
}

/** `x'` */
export interface Transpose {
  readonly kind: "transpose";
  readonly target: Expression;
  readonly span: Span;
}

/** `{ let a = e; return f }`, or a record: `{ let a = e; b = f; c = g }` */
export interface Block {
  readonly kind: "block";
  readonly lets: readonly Definitions[];
  readonly result: Return | Fields;
  readonly span: Span;
}

export interface Return {
  readonly kind: "return";
  readonly value: Expression;
  readonly span: Span;
}

export interface Fields {
  readonly kind: "fields";
  readonly fields: readonly Field[];
  readonly span: Span;
}

export interface Field {
  readonly kind: "field";
  readonly name: Name;
  readonly value: Expression;
  readonly span: Span;
}
