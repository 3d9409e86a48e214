import type { Contraction } from "../../../ir/contraction.ts";
import type { Graph } from "../../../ir/graph.ts";
import type { Integer } from "../../../ir/integer.ts";
import type { Primitive } from "../../../ir/primitive.ts";
import { NodeNumbers } from "../../sweeps/node-numbers.ts";

/**
 * What a node of a part is to its family. `fixed`: the same node for all members. `constant`: a number of the member's own.
 * `member`: the member of another family. `made`: a map or a combination, whose indices may hold constants of the member's own.
 */
export type Role = "fixed" | "constant" | "member" | "made";

/** One node of a part; operands by their positions in the part. */
export interface Step {
  readonly id: number;
  readonly role: Role;
  readonly operands: readonly number[];
  /** Where what is the member's own begins: a number, the id of a member, or the constants of indices in order. */
  readonly from: number;
}

/** A part as its family sees it: parts with one key differ in their entries alone. */
export interface Structure {
  readonly key: string;
  /** Operands first; the last one is the part's root. */
  readonly steps: readonly Step[];
  readonly entries: readonly number[];
}

/** A node whose operands are being read. */
interface Open {
  readonly id: number;
  readonly operands: readonly number[];
  /** The positions of those that have been. */
  readonly places: number[];
}

/** What is no larger stands in a part as often as it is read, for members read the same in different places. */
const small = 12;

/** An index structure without its constants, which differ between members. */
interface Template {
  readonly number: number;
  readonly constants: readonly number[];
}

/** Reads the structure of parts of one graph. */
export class Structures {
  private readonly graph: Graph;
  private readonly templates = new Map<Contraction, Template>();
  private readonly numbers = new Map<string | Primitive, number>();
  /** Hashes that tell operands of a product apart by what they are made of. */
  private readonly hashes = new NodeNumbers();
  /** Nodes below and with a node, each as often as it is read; at most one more than `small`. */
  private readonly sizes = new NodeNumbers();
  /** One more than the position of a node in the part that is read; 0 outside of it. */
  private readonly positions = new NodeNumbers();

  /** `ids`: operands first. */
  constructor(graph: Graph, ids: readonly number[]) {
    this.graph = graph;
    for (const id of ids) {
      let size = 1;
      for (let k = graph.operandCount(id) - 1; k >= 0; k--) size += this.sizes.at(graph.operandAt(id, k));
      this.sizes.set(id, Math.min(size, small + 1));
      this.hashes.set(id, this.hashOf(id));
    }
  }

  /** Equal for expressions that differ in constants and constant positions alone, as far as a hash can tell. */
  hash(id: number): number {
    return this.hashes.at(id);
  }

  /** The part below `root` down to what `ends` says. `familyOf`: the family whose member an end is, where it is one. */
  of(root: number, ends: (id: number) => boolean, familyOf: (id: number) => number | undefined): Structure {
    const { graph, positions } = this;
    const steps: Step[] = [];
    const entries: number[] = [];
    const words: (number | string)[] = [];
    const add = (id: number, role: Role, operands: readonly number[]): number => {
      steps.push({ id, role, operands, from: entries.length });
      if (this.sizes.at(id) > small) positions.set(id, steps.length);
      return steps.length - 1;
    };
    const pending: Open[] = [];
    /** The position of a node; undefined where its operands come first. */
    const open = (id: number): number | undefined => {
      const known = positions.at(id);
      if (known > 0) return known - 1;
      const kind = graph.kindOf(id);
      if (kind === "constant" && graph.dtypeOf(id) === "real") {
        words.push("c", graph.shapeIdOf(id));
        const position = add(id, "constant", []);
        entries.push(graph.constantOf(id));
        return position;
      }
      if ((kind === "map" || kind === "contraction" || kind === "reduce") && !ends(id)) {
        pending.push({ id, operands: this.operandsOf(id), places: [] });
        return undefined;
      }
      const family = familyOf(id);
      const position = add(id, family === undefined ? "fixed" : "member", []);
      if (family !== undefined) entries.push(id);
      words.push(family === undefined ? "n" : "m", family ?? id);
      return position;
    };
    open(root);
    for (let top = pending[pending.length - 1]; top; top = pending[pending.length - 1]) {
      const { id, operands, places } = top;
      if (places.length < operands.length) {
        const position = open(operands[places.length]!);
        if (position !== undefined) places.push(position);
        continue;
      }
      const position = add(id, "made", places);
      words.push(this.wordOf(id), ...places);
      if (graph.kindOf(id) !== "map") entries.push(...this.template(id).constants);
      pending.pop();
      pending[pending.length - 1]?.places.push(position);
    }
    for (const { id } of steps) positions.set(id, 0);
    return { key: words.join(" "), steps, entries };
  }

  /** Those of a product in an order that members share: by what they are made of. */
  private operandsOf(id: number): number[] {
    const { graph, hashes } = this;
    const operands = graph.operandIds(id);
    const [x, y] = operands;
    if (operands.length !== 2 || graph.kindOf(id) !== "map" || !graph.primitiveOf(id).isCommutative) return operands;
    return hashes.at(x!) <= hashes.at(y!) ? operands : [y!, x!];
  }

  private wordOf(id: number): string {
    const { graph } = this;
    if (graph.kindOf(id) === "map") return `p${this.number(graph.primitiveOf(id))}`;
    return `${graph.combineOf(id)}${this.template(id).number}`;
  }

  private template(id: number): Template {
    const structure = this.graph.contractionOf(id);
    const known = this.templates.get(structure);
    if (known) return known;
    const constants: number[] = [];
    const open = (list: readonly Integer[]) => list.map((index) => withoutConstants(index, constants)).join();
    const key = [
      structure.extents.map((extent) => extent.key).join(),
      structure.shape.map((extent) => extent.key).join(),
      open(structure.output),
      ...structure.factors.map(({ operand, index }) => `${operand}[${open(index)}]`),
      ...structure.guards.map(({ index, extent }) => `${withoutConstants(index, constants)}<${extent?.key ?? ""}`),
    ].join("|");
    const template = { number: this.number(key), constants };
    this.templates.set(structure, template);
    return template;
  }

  private number(key: string | Primitive): number {
    const known = this.numbers.get(key) ?? this.numbers.size;
    this.numbers.set(key, known);
    return known;
  }

  private hashOf(id: number): number {
    const { graph, hashes } = this;
    const kind = graph.kindOf(id);
    if (kind === "constant") return mix(1, graph.shapeIdOf(id));
    if (kind !== "map" && kind !== "contraction" && kind !== "reduce") return mix(2, id);
    let hash = mix(3, kind === "map" ? this.number(graph.primitiveOf(id)) : this.template(id).number);
    for (const operand of this.operandsOf(id)) hash = mix(hash, hashes.at(operand));
    return hash;
  }
}

const mix = (hash: number, value: number) => (Math.imul(hash ^ value, 0x9e3779b1) ^ (hash >>> 15)) & 0x7fffffff;

/** The key of an index without the constants in it, which are noted. */
function withoutConstants({ terms }: Integer, constants: number[]): string {
  let key = "";
  let constant = 0;
  for (const { coefficient, atoms } of terms) {
    if (atoms.length === 0) {
      constant = coefficient;
      continue;
    }
    key += `+${coefficient}`;
    for (const atom of atoms) {
      if (atom.kind !== "lookup") key += `*${atom.key}`;
      else key += `*@${atom.operand}[${atom.index.map((index) => withoutConstants(index, constants)).join()}]`;
    }
  }
  constants.push(constant);
  return key;
}
