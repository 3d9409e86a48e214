import { scaleLinear, scaleLog } from "d3-scale";
import { line } from "d3-shape";
import { escaped } from "../graph/svg.ts";

export interface Axis {
  readonly label: string;
  readonly isLog?: boolean;
  /** Counts things: ticks are whole numbers. */
  readonly isCount?: boolean;
  /** Default: what the points span. */
  readonly domain?: readonly [number, number];
}

export interface Series {
  readonly name?: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Which of the palette; default: its place among the series. */
  readonly colour?: number;
  readonly marks: "line" | "dots";
}

export interface Chart {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  /** A horizontal line at 0. */
  readonly hasZero?: boolean;
}

const size = { width: 560, height: 300 };
const margin = { top: 14, right: 16, bottom: 44, left: 66 };

type Scale = ReturnType<typeof scaleLinear<number, number>> | ReturnType<typeof scaleLog<number, number>>;

/** Curves and points over two axes, as SVG text. Points that an axis cannot show (NaN; 0 on a logarithm) are left out. */
export function chartSvg({ title, x, y, series, hasZero = false }: Chart): string {
  const shown = series.map((each) => ({
    ...each,
    points: each.points.filter(([a, b]) => isShown(a, x) && isShown(b, y)),
  }));
  const all = shown.flatMap(({ points }) => points);
  const xs = scaleOf(
    x,
    all.map(([a]) => a),
    [margin.left, size.width - margin.right],
  );
  const ys = scaleOf(y, [...all.map(([, b]) => b), ...(hasZero ? [0] : [])], [size.height - margin.bottom, margin.top]);
  const path = line<readonly [number, number]>(
    ([a]) => xs(a),
    ([, b]) => ys(b),
  ).digits(1);
  const marks = shown.map(({ points, marks, colour }, k) => {
    const kind = `c${(colour ?? k) % palette.length}`;
    const lonely = points.length === 1;
    const curve = marks === "line" ? `<path class="curve ${kind}" d="${path(points) ?? ""}"/>` : "";
    const dots =
      marks === "dots" || lonely || points.length <= 40
        ? points.map(([a, b]) => dot(xs(a), ys(b), kind, marks === "line" ? 2.2 : 2.8))
        : [];
    return curve + dots.join("");
  });
  const zero =
    hasZero && ys(0) !== undefined
      ? `<path class="zero" d="M${margin.left},${place(ys(0))}H${size.width - margin.right}"/>`
      : "";
  return (
    svg(title, [axes(xs, ys, x, y), zero, ...marks].join(""), size) +
    legend(shown.flatMap(({ name, colour }, k) => (name ? [[name, colour ?? k] as const] : [])))
  );
}

/** Bars from one number to the next, with a curve above them. */
export function histogramSvg(
  title: string,
  label: string,
  bars: readonly { readonly from: number; readonly to: number; readonly count: number }[],
  curve: readonly (readonly [number, number])[],
): string {
  const xs = scaleLinear([bars[0]!.from, bars.at(-1)!.to], [margin.left, size.width - margin.right]);
  const highest = Math.max(...bars.map(({ count }) => count), ...curve.map(([, y]) => y));
  const ys = scaleLinear([0, highest], [size.height - margin.bottom, margin.top]).nice();
  const boxes = bars.map(({ from, to, count }) => {
    const [left, right, top] = [xs(from), xs(to), ys(count)];
    return `<rect class="bar" x="${place(left + 0.5)}" y="${place(top)}" width="${place(Math.max(0.5, right - left - 1))}" height="${place(ys(0) - top)}"/>`;
  });
  const path = line<readonly [number, number]>(
    ([a]) => xs(a),
    ([, b]) => ys(b),
  ).digits(1);
  const over =
    curve.length > 1
      ? `<path class="curve c1" d="${path(curve.filter(([a]) => a >= bars[0]!.from && a <= bars.at(-1)!.to)) ?? ""}"/>`
      : "";
  return svg(title, axes(xs, ys, { label }, { label: "how many" }) + boxes.join("") + over, size);
}

/** Values with intervals around them, one a line, over one axis. */
export function intervalsSvg(
  title: string,
  label: string,
  rows: readonly { readonly name: string; readonly value: number; readonly half: number }[],
): string {
  const step = 20;
  const left = Math.min(260, 16 + 6.6 * Math.max(...rows.map(({ name }) => name.length)));
  const height = 52 + step * rows.length;
  const ends = rows.flatMap(({ value, half }) => [value - (half || 0), value + (half || 0)]).filter(Number.isFinite);
  const xs = scaleLinear([Math.min(0, ...ends), Math.max(0, ...ends)], [left, size.width - margin.right]).nice();
  const lines = rows.map(({ name, value, half }, k) => {
    const y = 14 + step * (k + 0.5);
    const bar = Number.isFinite(half)
      ? `<path class="interval" d="M${place(xs(value - half))},${y}H${place(xs(value + half))}"/>`
      : "";
    return `<text class="tick" x="${left - 8}" y="${y + 4}" text-anchor="end">${escaped(clipped(name, 38))}</text>${bar}${dot(xs(value), y, "c0", 3)}`;
  });
  const bottom = height - 38;
  const zero = `<path class="zero" d="M${place(xs(0))},10V${bottom}"/>`;
  const ticks = xs
    .ticks(6)
    .map(
      (tick) =>
        `<path class="grid" d="M${place(xs(tick))},10V${bottom}"/><text class="tick" x="${place(xs(tick))}" y="${bottom + 16}" text-anchor="middle">${tickText(tick)}</text>`,
    );
  const caption = `<text class="axis" x="${(left + size.width - margin.right) / 2}" y="${height - 4}" text-anchor="middle">${escaped(label)}</text>`;
  return svg(title, ticks.join("") + zero + lines.join("") + caption, { width: size.width, height });
}

/** A square of numbers from -1 to 1 as colours. */
export function correlationsSvg(title: string, names: readonly string[], entries: Float64Array): string {
  const n = names.length;
  const left = Math.min(220, 16 + 6.6 * Math.max(...names.map((name) => name.length)));
  const cell = Math.min(34, Math.max(9, (size.width - left - 16) / n));
  const hasText = cell >= 28;
  const cells = Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    const value = entries[at]!;
    const [x, y] = [place(left + j * cell), place(10 + i * cell)];
    const tone = Number.isFinite(value)
      ? `class="${value < 0 ? "negative" : "positive"}" fill-opacity="${Math.abs(value).toFixed(2)}"`
      : 'class="unknown"';
    const text =
      hasText && i !== j && Number.isFinite(value)
        ? `<text class="entry${Math.abs(value) > 0.55 ? " strong" : ""}" x="${place(left + (j + 0.5) * cell)}" y="${place(10 + (i + 0.5) * cell + 3.5)}" text-anchor="middle">${value.toFixed(2).replace("0.", ".")}</text>`
        : "";
    return `<rect ${tone} x="${x}" y="${y}" width="${place(cell - 1)}" height="${place(cell - 1)}"><title>${escaped(`${names[i]} and ${names[j]}: ${value.toFixed(4)}`)}</title></rect>${text}`;
  });
  const rows = names.map(
    (name, i) =>
      `<text class="tick" style="font-size:${place(Math.min(11.5, cell))}px" x="${left - 6}" y="${place(10 + (i + 0.5) * cell + 4)}" text-anchor="end">${escaped(clipped(name, 32))}</text>`,
  );
  return svg(title, rows.join("") + cells.join(""), { width: size.width, height: Math.ceil(20 + n * cell) });
}

export const palette = [
  ["#2563eb", "#7aa7ff"],
  ["#d9480f", "#ff9a5c"],
  ["#1f9d61", "#4cc38a"],
  ["#9333c7", "#c58bf2"],
  ["#b8860b", "#e6c04f"],
  ["#0e8f9e", "#4fd0de"],
  ["#c2255c", "#f783ac"],
  ["#5c5f66", "#a6a7ab"],
] as const;

function isShown(value: number, { isLog, domain }: Axis): boolean {
  return Number.isFinite(value) && (!isLog || value > 0) && (!domain || (value >= domain[0] && value <= domain[1]));
}

function scaleOf({ isLog, domain }: Axis, values: readonly number[], range: readonly [number, number]): Scale {
  let low = domain?.[0] ?? values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  let high = domain?.[1] ?? values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  if (!(low <= high)) [low, high] = isLog ? [0.1, 1] : [0, 1];
  if (low === high) {
    const half = Math.abs(low) / 2 || 1;
    [low, high] = isLog ? [low / 10, high * 10] : [low - half, high + half];
  }
  return isLog ? scaleLog([low, high], [...range]).nice() : scaleLinear([low, high], [...range]).nice();
}

/** Ticks of a scale; of a logarithm over many decades some powers of ten only. */
function ticksOf(scale: Scale, { isLog = false, isCount = false }: Axis, count: number): number[] {
  if (!isLog) return scale.ticks(count).filter((tick) => !isCount || Number.isInteger(tick));
  const [low, high] = scale.domain().map((end) => Math.round(Math.log10(end))) as [number, number];
  const stride = Math.max(1, Math.ceil((high - low) / count));
  const powers: number[] = [];
  for (let power = low; power <= high; power += stride) powers.push(10 ** power);
  return powers;
}

function axes(xs: Scale, ys: Scale, x: Axis, y: Axis): string {
  const bottom = size.height - margin.bottom;
  const right = size.width - margin.right;
  const across = ticksOf(xs, x, 7).map(
    (tick) =>
      `<path class="grid" d="M${place(xs(tick))},${margin.top}V${bottom}"/><text class="tick" x="${place(xs(tick))}" y="${bottom + 17}" text-anchor="middle">${tickText(tick)}</text>`,
  );
  const up = ticksOf(ys, y, 6).map(
    (tick) =>
      `<path class="grid" d="M${margin.left},${place(ys(tick))}H${right}"/><text class="tick" x="${margin.left - 7}" y="${place(ys(tick) + 4)}" text-anchor="end">${tickText(tick)}</text>`,
  );
  return [
    ...across,
    ...up,
    `<text class="axis" x="${(margin.left + right) / 2}" y="${size.height - 6}" text-anchor="middle">${escaped(x.label)}</text>`,
    `<text class="axis" transform="translate(13,${(margin.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(y.label)}</text>`,
  ].join("");
}

function tickText(value: number): string {
  if (value === 0) return "0";
  const power = Math.log10(Math.abs(value) * (1 + 1e-9));
  if (power >= 5 || power < -3) {
    const [digits, exponent] = Number(value.toPrecision(3)).toExponential().split("e") as [string, string];
    return `${digits === "1" ? "" : digits === "-1" ? "−" : `${digits.replace("-", "−")}·`}10<tspan class="power" dy="-5">${Number(exponent)}</tspan>`;
  }
  return String(Number(value.toPrecision(6))).replace("-", "−");
}

function legend(names: readonly (readonly [string, number])[]): string {
  if (names.length === 0) return "";
  const items = names.map(
    ([name, colour]) => `<span><i class="c${colour % palette.length}"></i>${escaped(name)}</span>`,
  );
  return `<p class="legend">${items.join("")}</p>`;
}

function svg(
  title: string,
  content: string,
  { width, height }: { readonly width: number; readonly height: number },
): string {
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">${content}</svg>`;
}

function dot(x: number, y: number, kind: string, radius: number): string {
  return `<circle class="dot ${kind}" cx="${place(x)}" cy="${place(y)}" r="${radius}"/>`;
}

const place = (value: number) => String(Math.round(10 * value) / 10);

const clipped = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
