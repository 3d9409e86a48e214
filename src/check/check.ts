import type { Arbitrary } from "fast-check";
import { requireModel } from "../build/require-model.ts";
import {
  type CompilableModel,
  type CompiledModel,
  type CompileOptions,
  compileModel,
  compileNeeds,
} from "../compile/compile.ts";
import { record } from "../compile/inputs/inputs.ts";
import { withVaried } from "../compile/varied.ts";
import { canEvaluate } from "../emit/javascript.ts";
import { evaluateShape } from "../interpreter/interpret.ts";
import { type Needs, needs, requireOptions } from "../ir/arguments/arguments.ts";
import { counted } from "../ir/counted.ts";
import { DataError, IndexRangeError } from "../ir/errors.ts";
import type { Interval } from "../ir/primitive.ts";
import type { PointOptions, Sample } from "./arbitraries.ts";
import { type Given, regions, type Sizes } from "./domain.ts";
import { type FastCheck, loadFastCheck } from "./fast-check.ts";
import { type Derivatives, derivativesOf, Evaluation } from "./graphs.ts";
import { type Comparison, codeLaw, deviationOf, exactLaw, graphLaws, type Law, slopeLaws } from "./laws.ts";
import { type CheckReport, counterexampleOf, type LawReport } from "./report.ts";

export interface CheckOptions extends Given, Pick<CompileOptions, "wrt" | "engine" | "rewrites"> {
  /** How many points to try. Default: 20. */
  readonly points?: number;
  /** After so long no law is tried at further points, but at one at least; notes say which. Default: 60. */
  readonly seconds?: number;
  /** The same seed draws the same points. Default: 1. */
  readonly seed?: number;
  /** Where reals without declared bounds are drawn from. Default: the first of some regions in which the loss is finite. */
  readonly region?: Interval;
}

const sizeRanges: readonly Interval[] = [
  [1, 4],
  [4, 8],
  [8, 16],
];
const probes = 16;
/** Where few points are valid, so many are looked through for sizes that fit each other. */
const sizeProbes = 600;
/** So many of them serve. */
const enoughSizes = 24;
/** Milliseconds to look for them. */
const longestSearch = 2_000;
/** Milliseconds to look for a smaller counterexample, once one is found. */
const longestShrinking = 10_000;
/** For each point to try, so many may be drawn that cannot be used. */
const mostLeftOut = 20;
/** Fewer points than this share of those wanted say nothing: the check fails. */
const leastJudged = 0.5;

const checkNeeds: Needs<CheckOptions> = {
  wrt: compileNeeds.wrt,
  engine: compileNeeds.engine,
  rewrites: compileNeeds.rewrites,
  inputs: needs.record,
  sizes: needs.record,
  points: {
    what: "a whole number of at least 1",
    accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
  },
  seconds: { what: "a number above 0", accepts: (value) => typeof value === "number" && value > 0 },
  seed: { what: "a whole number", accepts: Number.isSafeInteger },
  region: {
    what: "a pair of ends [low, high]",
    accepts: (value) => Array.isArray(value) && value.length === 2 && value[0] <= value[1],
  },
};

/**
 * Checks the derivatives of a model at random points: gradient against complex step, Hessian-vector product by every
 * route, symmetry of the Hessian, generated code against the interpreter. What `inputs` and `sizes` give is used, the
 * rest is drawn. Needs the optional peer fast-check.
 */
export async function checkModel(given: CompilableModel, options: CheckOptions = {}): Promise<CheckReport> {
  requireModel("checkModel", given);
  requireOptions<CheckOptions>("checkModel", options, checkNeeds);
  const fc = await loadFastCheck();
  const { samples } = await import("./arbitraries.ts");
  const { points = 20, seed = 1, seconds = 60 } = options;
  const { wrt: named, engine, rewrites } = options;
  const asked = { ...(named && { wrt: named }), ...(engine && { engine }), ...(rewrites && { rewrites }) };
  const compiled = compileModel(given, asked);
  const wrt = [...compiled.variableNames];
  const model = withVaried(given, wrt);
  const derivatives = derivativesOf(model, wrt);
  const judge = new Judge(model, derivatives, compiled, wrt);
  const draw = (where: PointOptions) => samples(model, wrt, { ...options, ...where });
  const probe = (where: PointOptions, numRuns: number) => fc.sample(draw(where), { numRuns, seed });
  const sampled = draw(bestDomain(options, probe, judge));
  const { noProducts } = derivatives;
  const graphs = noProducts ? slopeLaws : graphLaws;
  const laws = [...graphs, judge.codeLaw, ...(canEvaluate() ? [exactLaw] : [])];
  const begin = performance.now();
  // every law is tried at the same points, one after the other
  const drawn: Draw[] = [];
  const tried = laws.map((law, k) => {
    // what one law leaves of its time is for those that follow
    const end = begin + (1000 * seconds * (k + 1)) / laws.length;
    return tryLaw(fc, law, sampled, judge, drawn, { numRuns: points, seed, maxSkipsPerRun: mostLeftOut }, end);
  });
  const reports = tried.map(({ report }) => report);
  const cut = tried.filter(({ isCut }) => isCut);
  const reasons = drawn.flatMap(({ reason }) => reason ?? []);
  const judged = drawn.length - reasons.length;
  // where one law fails or its time is up, the rest is not drawn
  const isWanting = judged < points && (judged === 0 || (cut.length === 0 && reports.every(isPassed)));
  const notes = [
    ...(noProducts ? [`Hessian-vector products were not compared, for there are none: ${noProducts.summary}`] : []),
    ...(canEvaluate() ? [] : ["Code from strings is not allowed here: the bits of generated code were not compared."]),
    ...(isWanting
      ? [
          `Of ${counted(drawn.length, "point")} ${judged} could be used: give inputs, bounds (within) or sizes that fit.`,
        ]
      : []),
    ...(cut.length > 0
      ? [
          `Tried at fewer points, for ${counted(seconds, "second was", "seconds were")} up: ${cut.map(atSoMany).join(", ")}.`,
        ]
      : []),
  ];
  return {
    model: model.name,
    passed: reports.every(isPassed) && !(isWanting && judged < leastJudged * points),
    seed,
    points,
    skipped: reasons.length,
    skipReason: reasons[0],
    laws: reports,
    notes,
  };
}

/** The region and sizes in which most of some probes are valid; a region that is given stays. */
function bestDomain(
  options: CheckOptions,
  probe: (where: PointOptions, count: number) => readonly Sample[],
  judge: Judge,
): PointOptions {
  const candidates = sizeRanges.flatMap((sizeRange) =>
    (options.region ? [options.region] : regions).map((region) => ({ sizeRange, region })),
  );
  const isValid = (sample: Sample) => judge.reasonToSkip(sample) === undefined;
  let best = candidates[0]!;
  let most = -1;
  for (const candidate of candidates) {
    const valid = probe(candidate, probes).filter(isValid).length;
    if (valid > most) [best, most] = [candidate, valid];
    if (valid >= 0.75 * probes) break;
  }
  if (most > leastJudged * probes) return best;
  const end = performance.now() + longestSearch;
  const sizeChoices: Sizes[] = [];
  for (const sample of probe(best, sizeProbes)) {
    if (sizeChoices.length === enoughSizes || performance.now() > end) break;
    if (isValid(sample)) sizeChoices.push(sample.sizes);
  }
  return sizeChoices.length > 0 ? { ...best, sizeChoices } : best;
}

/** What is known of a point that was drawn. */
interface Draw {
  /** Why it could not be used. */
  readonly reason: string | undefined;
}

/** What was found of a law, and at how many points. */
interface Trial {
  readonly report: LawReport;
  readonly tries: number;
  /** Whether its time was up before all points were tried. */
  readonly isCut: boolean;
}

const isPassed = ({ passed }: LawReport) => passed;
const atSoMany = ({ report, tries }: Trial) => `${report.name} at ${tries}`;

/**
 * Runs one law over the samples until an end, others drawn for those that cannot be used; a failure is shrunk to a small
 * counterexample, as far as time allows. Adds to what is known of those `drawn`.
 */
function tryLaw(
  fc: FastCheck,
  law: Law,
  samples: Arbitrary<Sample>,
  judge: Judge,
  drawn: Draw[],
  parameters: { readonly numRuns: number; readonly seed: number; readonly maxSkipsPerRun: number },
  end: number,
): Trial {
  let draws = 0;
  let tries = 0;
  let comparisons = 0;
  let largest = 0;
  let failedAt: number | undefined;
  const holds = (sample: Sample): boolean => {
    const until = failedAt === undefined ? end : failedAt + longestShrinking;
    // ends the run: to let the remaining points pass would still draw them
    if (draws > 0 && performance.now() > until) throw new fc.PreconditionFailure(true);
    if (failedAt === undefined && draws === drawn.length) drawn.push({ reason: judge.reasonToSkip(sample) });
    const reason = failedAt === undefined ? drawn[draws++]!.reason : judge.reasonToSkip(sample);
    if (reason !== undefined) throw new fc.PreconditionFailure();
    if (failedAt === undefined) tries++;
    const found = law.compare(judge.derivatives, judge.evaluate(sample));
    comparisons += found.length;
    const worst = found.reduce((most, comparison) => Math.max(most, deviationOf(comparison)), 0);
    largest = Math.max(largest, worst);
    if (worst > 1) failedAt ??= performance.now();
    return worst <= 1;
  };
  const result = fc.check(fc.property(samples, holds), parameters);
  const { name, statement } = law;
  // to find too few points that can be used is no failure of the law
  const sample = result.counterexample?.[0];
  const report = { name, statement, comparisons, largest, passed: sample === undefined };
  if (!sample) return { report, tries, isCut: result.interrupted };
  const worst = law.compare(judge.derivatives, judge.evaluate(sample)).reduce(worse);
  return {
    report: { ...report, counterexample: counterexampleOf(worst, sample, result.counterexamplePath ?? "") },
    tries,
    isCut: false,
  };
}

const worse = (a: Comparison, b: Comparison) => (deviationOf(b) > deviationOf(a) ? b : a);

/** Evaluates a model at samples, by interpreter and by generated code, and tells which samples are valid. */
class Judge {
  readonly derivatives: Derivatives;
  /** The compiled functions, as users call them. */
  readonly codeLaw: Law;
  private readonly model: CompilableModel;
  private readonly compiled: CompiledModel;
  private readonly wrt: readonly string[];

  constructor(model: CompilableModel, derivatives: Derivatives, compiled: CompiledModel, wrt: readonly string[]) {
    this.model = model;
    this.derivatives = derivatives;
    this.compiled = compiled;
    this.wrt = wrt;
    this.codeLaw = codeLaw(
      "compiled code",
      "compiled loss, gradient and Hessian-vector product are the interpreter's",
      (_, at) => this.run(at.sample),
    );
  }

  evaluate(sample: Sample): Evaluation {
    return new Evaluation(this.derivatives, sample, this.leaves);
  }

  /** Why nothing can be said at a sample: numbers that break a requirement, or a loss that is not finite. */
  reasonToSkip(sample: Sample): string | undefined {
    try {
      // reads of arrays at computed places are checked at a call
      this.bind(sample).loss(this.point(sample));
      const loss = this.evaluate(sample).real([this.derivatives.loss])[0]![0]!;
      return Number.isFinite(loss) ? undefined : `the loss is ${loss} there`;
    } catch (error) {
      if (error instanceof DataError || error instanceof IndexRangeError) return error.summary;
      throw error;
    }
  }

  private get leaves() {
    return [...this.model.parameters, ...this.model.data];
  }

  private bind(sample: Sample) {
    const data = this.leaves.filter(({ name }) => !this.wrt.includes(name)).map(({ name }) => name);
    return this.compiled.bind(this.inputs(sample, data, sample.values), record(sample.sizes));
  }

  private run(sample: Sample): number[][] {
    const bound = this.bind(sample);
    const point = this.point(sample);
    const direction = this.inputs(sample, this.wrt, sample.v);
    const listed = (vectors: Readonly<Record<string, Float64Array>>) =>
      this.wrt.map((name) => Array.from(vectors[name]!));
    const products = this.derivatives.noProducts ? [] : listed(bound.hvp(point, direction));
    return [[bound.loss(point)], ...listed(bound.gradient(point)), ...products];
  }

  private point(sample: Sample) {
    return this.inputs(sample, this.wrt, sample.values);
  }

  private inputs({ sizes }: Sample, names: readonly string[], values: ReadonlyMap<string, readonly number[]>) {
    const wanted = this.leaves.filter(({ name }) => names.includes(name));
    return record(
      wanted.map(
        ({ name, expr }) => [name, { data: values.get(name)!, shape: evaluateShape(expr.shape, sizes) }] as const,
      ),
    );
  }
}
