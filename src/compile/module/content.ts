import type {
  ModuleContent,
  ModuleFunctionName,
  ModuleLeaf,
  ModuleOutput,
  ModuleProgram,
  ModuleRequirement,
  ModuleWasm,
  PreparedInputs,
} from "../../emit/module/content.ts";
import { printWasm } from "../../emit/wasm/module.ts";
import { forVectors } from "../../emit/wasm/vector-loop.ts";
import type { Origin } from "../../ir/arena.ts";
import type { Expr } from "../../ir/graph.ts";
import { showGraph } from "../../ir/show.ts";
import { place } from "../../ir/source.ts";
import { copyGraph } from "../../ir/walks/copy-graph.ts";
import type { LowerOptions } from "../../lower/lower.ts";
import { inParts, loopsWithVectors } from "../../lower/passes/split.ts";
import type { Buffer } from "../../lower/program/loops.ts";
import { graphOperations, type SizeHints, sizeHints } from "../../rewrite/cost.ts";
import { simplify } from "../../rewrite/rewrite.ts";
import { Settled } from "../../rewrite/sweeps/settled.ts";
import type { CompilableModel } from "../compile.ts";
import {
  computing,
  type DerivedFunction,
  derive,
  type FunctionName,
  lookupsOf,
  lowerFunction,
  loweringAt,
  rootsOf,
  type Variable,
} from "../derive.ts";
import { type FunctionForm, signatureOf } from "../functions.ts";
import { checkedRanges, leavesOf } from "../inputs/verify.ts";
import { shortLimits, smallSizes, withSizes } from "../known-sizes.ts";
import { PreparedPrograms } from "../prepared/in-module.ts";
import { withVaried } from "../varied.ts";
import type { EmitOptions } from "./options.ts";

/** The model in a graph of its own: derivatives taken before leave no trace in the text. */
export function copyOf(model: CompilableModel): CompilableModel {
  const requirements = model.requirements ?? [];
  const leaves = [...model.parameters, ...model.data];
  const { graph, copyOf: copy } = copyGraph([
    ...leaves.map(({ expr }) => expr),
    ...(model.loss ? [model.loss] : []),
    ...model.outputs.values(),
    ...requirements.flatMap(({ index, guard }) => (guard ? [index, guard] : [index])),
    ...model.data.flatMap(({ fallback }) => fallback ?? []),
  ]);
  return {
    ...model,
    graph,
    parameters: model.parameters.map((leaf) => ({ ...leaf, expr: copy(leaf.expr) })),
    data: model.data.map((leaf) => ({
      ...leaf,
      expr: copy(leaf.expr),
      fallback: leaf.fallback && copy(leaf.fallback),
    })),
    loss: model.loss && copy(model.loss),
    outputs: new Map([...model.outputs].map(([name, node]) => [name, copy(node)])),
    requirements: requirements.map((each) => ({
      ...each,
      index: copy(each.index),
      guard: each.guard && copy(each.guard),
    })),
  };
}

const usualFunctions: readonly ModuleFunctionName[] = ["loss", "lossAndGradient", "hvp"];

/** What a file holds: the functions that are asked for as loops, in names of the model. */
export function contentOf(given: CompilableModel, options: EmitOptions): ModuleContent {
  const model = withVaried(given, options.wrt);
  const { graph, outputs } = model;
  const leaves = [...model.parameters, ...model.data];
  const wrt = options.wrt ?? model.parameters.map(({ name }) => name);
  const variables = leaves.filter(({ name }) => wrt.includes(name)).map(({ name, expr }) => ({ name, expr }));
  const bound = leaves.filter(({ name }) => !wrt.includes(name));
  const fallbacks = new Map(model.data.flatMap(({ name, fallback }) => (fallback ? [[name, fallback] as const] : [])));
  const level = options.rewrites ?? "all";
  const names = options.functions ?? (model.loss ? usualFunctions : []);
  const settled = new Settled(graph);
  const hints = hintsOf(model);
  const loss = model.loss && simplify([model.loss], { level, hints, settled })[0]!;
  // a module checks the ranges of its data before it hands out functions
  const checked = checkedRanges(model.requirements);
  const lookups = lookupsOf(model, checked);
  const derived = (name: FunctionName, wanted: ReadonlyMap<string, Expr>) =>
    derive(name, { graph, loss: loss!, outputs: wanted, variables, level, hints, settled, lookups });
  const lowering = { ...loweringAt(level), checked, hints, inOnePiece: true };
  const prepared = new PreparedPrograms(hints, (derived) => programOf(derived, variables, lowering));
  const isFused = typeof options.webAssembly !== "object" || options.webAssembly.fused !== false;
  const codeOf = (wanted: DerivedFunction, prepared?: PreparedPrograms): ModuleProgram => ({
    ...programOf(wanted, variables, lowering, prepared),
    describe: describer(model, variables),
    wasm: options.webAssembly
      ? wasmOf({ derived: wanted, variables, checked }, lowering, isFused, prepared, model.sizes?.hints)
      : undefined,
  });
  const functions = new Map(names.map((name) => [name, codeOf(derived(name, outputs), prepared)]));
  const roots = [...(model.loss ? [model.loss] : []), ...outputs.values()];
  const content = {
    name: model.name,
    identity: showGraph([...roots, ...leaves.map(({ expr }) => expr)]),
    parameters: variables.map(leafOf),
    data: bound.map((leaf) => ({ ...leafOf(leaf), fallback: fallbackOf(fallbacks.get(leaf.name)) })),
    functions,
    prepared: prepared.all,
    outputs: [...outputs].map(([name, node]): ModuleOutput => {
      const code = codeOf(derived("outputs", new Map([[name, node]])));
      const needs = variables.filter(({ expr }) => code.program.inputOf(expr)).map((variable) => variable.name);
      return { name, shape: node.shape, dtype: node.dtype, code, needs };
    }),
    requirements: requirementsOf(model, variables),
  };
  return { ...content, sizes: sizesOf(content, model.sizes?.free ?? []) };
}

/** What sizes are taken to be, as in memory. */
export function hintsOf({ parameters, sizes }: CompilableModel): SizeHints {
  return sizeHints(
    parameters.map(({ expr }) => expr),
    sizes?.hints,
  );
}

const leafOf = ({ name, expr }: Variable): ModuleLeaf => ({ name, shape: expr.shape, dtype: expr.dtype });

function programOf(
  derived: DerivedFunction,
  variables: readonly Variable[],
  options: LowerOptions = { inOnePiece: true },
  prepared?: PreparedPrograms,
): ModuleProgram & { readonly prepared: PreparedInputs } {
  const lowered = lowerFunction(derived, variables, options, prepared?.nodesIn(derived, variables));
  const inputs = lowered.prepared.map(([node, buffer]) => [buffer, prepared!.of(node)] as const);
  return { program: lowered.program, signature: signatureOf(lowered, variables), prepared: new Map(inputs) };
}

/** The function in WebAssembly, and once more for the small sizes that the model says to expect, where loops ask for them. */
function wasmOf(
  form: FunctionForm,
  options: LowerOptions,
  fused: boolean,
  prepared: PreparedPrograms | undefined,
  expected: ReadonlyMap<string, number> = new Map(),
): ModuleWasm {
  const { derived, variables, checked } = form;
  const whole = programOf(derived, variables, { ...options, checked, forVectors, inOnePiece: true }, prepared);
  const { signature } = whole;
  const program = inParts(forVectors.shareNests(whole.program), loopsWithVectors);
  const values = program.sizes.map((name) => expected.get(name) ?? Number.POSITIVE_INFINITY);
  const sizes = new Map([...shortLimits(program, values), ...smallSizes(program, values)]);
  return {
    program,
    signature,
    prepared: whole.prepared,
    module: printWasm(program, signature, { fused }),
    operations: graphOperations(rootsOf(derived)),
    expected: sizes.size > 0 ? { sizes, wasm: wasmOf(withSizes(form, sizes), options, fused, prepared) } : undefined,
  };
}

function fallbackOf(node: Expr | undefined): ModuleLeaf["fallback"] {
  if (!node) return undefined;
  if (node.kind === "constant") return node.constant!;
  const code = programOf(computing("outputs", [node]), []);
  return { ...code, signature: { ...code.signature, packed: [] } };
}

function requirementsOf(model: CompilableModel, variables: readonly Variable[]): ModuleRequirement[] {
  return (model.requirements ?? []).map(({ index, guard, extent, least, summary }) => {
    const nodes = guard ? [index, guard] : [index];
    const read = leavesOf(nodes);
    const isVariable = (leaf: Expr) => variables.some(({ expr }) => expr === leaf);
    return {
      code: programOf(computing("outputs", nodes), variables),
      extent,
      least,
      summary,
      parameters: variables.filter(({ expr }) => read.includes(expr)).map(({ name }) => name),
      data: read.filter((leaf) => !isVariable(leaf)).map((leaf) => leaf.graph.leafOf(leaf.id).name),
    };
  });
}

/** What readers call the outputs of a function, and where the model says them. */
function describer(model: CompilableModel, variables: readonly Variable[]): ModuleProgram["describe"] {
  const texts = new Map<string, { readonly text: string; readonly by?: string }>([["loss", { text: "the loss" }]]);
  for (const { name } of variables) {
    texts.set(`gradient_${name}`, { text: "the gradient", by: name });
    texts.set(`hvp_${name}`, { text: "the product", by: name });
  }
  const source = (node: Expr | undefined) => node && originText(model.graph.originOf(node.id));
  return ({ name }: Buffer) => {
    const text = texts.get(name);
    if (text) return { ...text, source: source(model.loss) };
    if (name.startsWith("hessian_")) return { text: "the Hessian", source: source(model.loss) };
    return { text: name, source: source(model.outputs.get(name)) };
  };
}

function originText(origin: Origin | undefined): string | undefined {
  return typeof origin === "object" ? place(origin) : origin;
}

/** The sizes of everything in the file, and those that the model declares, used or not: whoever calls may give them. */
function sizesOf(content: Omit<ModuleContent, "sizes">, declared: readonly string[]): string[] {
  const names = new Set(declared);
  const leaves = [...content.parameters, ...content.data, ...content.outputs];
  for (const { shape } of leaves) for (const size of shape) for (const name of size.names()) names.add(name);
  const programs = [...content.functions.values(), ...content.outputs.map(({ code }) => code), ...content.prepared];
  for (const { program } of programs) {
    for (const name of program.sizes) names.add(name);
  }
  for (const { code, extent } of content.requirements) {
    for (const name of [...code.program.sizes, ...(extent?.names() ?? [])]) names.add(name);
  }
  return [...names].sort();
}
