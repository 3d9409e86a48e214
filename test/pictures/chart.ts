/** A point of a curve in the units of the axes. */
export type Point = readonly [number, number];

export interface Axis {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  readonly isLog?: boolean;
}

export interface Curve {
  readonly label?: string;
  readonly color: string;
  readonly points: readonly Point[];
  readonly dots?: boolean;
  readonly dash?: string;
}

export interface Panel {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly curves: readonly Curve[];
  /** Level lines, drawn behind the curves. */
  readonly contours?: { readonly of: (x: number, y: number) => number; readonly levels: readonly number[] };
}

export const colors = ["#0b6e99", "#c2410c", "#15803d", "#7c3aed", "#b91c1c", "#4b5563"] as const;

/** `top` leaves room for the title and the line of labels below it. */
const size = { width: 460, height: 348, left: 62, right: 16, top: 52, bottom: 46 };

/** Panels in rows as an SVG that needs nothing else: for documentation, where a dependency would cost more. */
export function figure(panels: readonly Panel[], columns = panels.length): string {
  const [width, height] = [size.width * columns, size.height * Math.ceil(panels.length / columns)];
  // panels over the same contours share them
  const shared = new Map<string, string>();
  const body = panels.map((panel, k) => {
    const corner = `${(k % columns) * size.width} ${Math.floor(k / columns) * size.height}`;
    return `<g transform="translate(${corner})">${drawn(panel, shared)}</g>`;
  });
  const definitions = [...shared].map(([path, name]) => `<path id="${name}" d="${path}"/>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escaped(panels.map(({ title }) => title).join("; "))}</title>`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...(definitions.length > 0 ? [`<defs>${definitions.join("")}</defs>`] : []),
    ...body,
    "</svg>\n",
  ].join("\n");
}

/** About how wide a text of 12 pixels is, in bold: enough to keep it inside. */
const widthOf = (text: string) => 7.2 * text.length;

/** The names of the curves in a line above the plot, each behind a piece of its curve: nothing is covered. */
function legend(curves: readonly Curve[]): string[] {
  let left = size.left;
  return curves.flatMap(({ label, color, dash, points }) => {
    if (label === undefined) return [];
    const at = left;
    left += 30 + widthOf(label) * 0.92;
    return [
      points.length === 1
        ? `<circle cx="${at + 9}" cy="38" r="3" fill="${color}"/>`
        : `<path d="M${at} 38h18" stroke="${color}" stroke-width="2"${dash ? ` stroke-dasharray="${dash}"` : ""}/>`,
      `<text x="${at + 23}" y="42" fill="#111">${escaped(label)}</text>`,
    ];
  });
}

function drawn(panel: Panel, shared: Map<string, string>): string {
  const { title, x, y, curves, contours } = panel;
  const column = placer(x, size.left, size.width - size.right);
  const row = placer(y, size.height - size.bottom, size.top);
  const inside = ([px, py]: Point) => Number.isFinite(px) && Number.isFinite(py);
  const at = ([px, py]: Point) => `${column(px).toFixed(1)} ${row(py).toFixed(1)}`;
  if (size.left + widthOf(title) > size.width) throw new Error(`the title is too long for its panel: ${title}`);
  const parts = [
    `<text x="${size.left}" y="20" font-weight="600" fill="#111">${escaped(title)}</text>`,
    ...ticks(x).map((tick) => {
      const place = column(tick).toFixed(1);
      return `<path d="M${place} ${size.top}V${size.height - size.bottom}" stroke="#e5e7eb"/><text x="${place}" y="${size.height - size.bottom + 16}" text-anchor="middle" fill="#444">${tickText(tick)}</text>`;
    }),
    ...ticks(y).map((tick) => {
      const place = row(tick).toFixed(1);
      return `<path d="M${size.left} ${place}H${size.width - size.right}" stroke="#e5e7eb"/><text x="${size.left - 6}" y="${Number(place) + 4}" text-anchor="end" fill="#444">${tickText(tick)}</text>`;
    }),
    `<text x="${(size.left + size.width - size.right) / 2}" y="${size.height - 10}" text-anchor="middle" fill="#111">${escaped(x.label)}</text>`,
    `<text transform="translate(14 ${(size.top + size.height - size.bottom) / 2}) rotate(-90)" text-anchor="middle" fill="#111">${escaped(y.label)}</text>`,
  ];
  if (contours) {
    const lines = contours.levels.map((level) =>
      levelLines(contours.of, level, x, y)
        .map(([a, b]) => `M${at(a)}L${at(b)}`)
        .join(""),
    );
    const path = lines.join("");
    const name = shared.get(path) ?? `contours${shared.size}`;
    shared.set(path, name);
    parts.push(`<use href="#${name}" fill="none" stroke="#9ca3af" stroke-width="0.7"/>`);
  }
  for (const { points, color, dots, dash } of curves) {
    const shown = points.filter(inside).filter((_point, k, all) => dots || k % Math.ceil(all.length / 600) === 0);
    if (shown.length === 0) continue;
    parts.push(
      `<path d="M${shown.map(at).join("L")}" fill="none" stroke="${color}" stroke-width="1.6"${dash ? ` stroke-dasharray="${dash}"` : ""}/>`,
    );
    if (dots)
      parts.push(...shown.map((point) => `<circle cx="${at(point).replace(" ", '" cy="')}" r="2.4" fill="${color}"/>`));
  }
  parts.push(...legend(curves));
  return parts.join("\n");
}

/** Where a value lies, cut at the ends of the axis. */
function placer({ from, to, isLog }: Axis, low: number, high: number): (value: number) => number {
  const scale = isLog ? (value: number) => Math.log(Math.max(value, Number.MIN_VALUE)) : (value: number) => value;
  return (value) => {
    const share = (scale(value) - scale(from)) / (scale(to) - scale(from));
    return low + (high - low) * Math.min(1, Math.max(0, share));
  };
}

function ticks({ from, to, isLog }: Axis): number[] {
  if (isLog) {
    const [low, high] = [Math.ceil(Math.log10(from) - 1e-9), Math.floor(Math.log10(to) + 1e-9)];
    const stride = Math.ceil((high - low) / 7) || 1;
    return Array.from({ length: Math.floor((high - low) / stride) + 1 }, (_, k) => 10 ** (low + k * stride));
  }
  const rough = (to - from) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const stride = [1, 2, 5, 10].find((multiple) => multiple * power >= rough)! * power;
  const first = Math.ceil(from / stride - 1e-9);
  return Array.from({ length: Math.floor(to / stride + 1e-9) - first + 1 }, (_, k) => (first + k) * stride);
}

function tickText(value: number): string {
  const size = Math.abs(value);
  return size !== 0 && (size >= 1e4 || size < 1e-3) ? value.toExponential(0) : String(Number(value.toPrecision(6)));
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

const cells = 64;

/** Where f = level, as one segment for each triangle of a grid. */
function levelLines(f: (x: number, y: number) => number, level: number, x: Axis, y: Axis): (readonly [Point, Point])[] {
  const place = (axis: Axis, k: number) => axis.from + ((axis.to - axis.from) * k) / cells;
  const heights = Array.from({ length: cells + 1 }, (_, i) =>
    Array.from({ length: cells + 1 }, (_, j) => f(place(x, i), place(y, j)) - level),
  );
  const lines: (readonly [Point, Point])[] = [];
  const corner = (i: number, j: number) => ({ point: [place(x, i), place(y, j)] as const, height: heights[i]![j]! });
  for (let i = 0; i < cells; i++) {
    for (let j = 0; j < cells; j++) {
      for (const middle of [corner(i + 1, j), corner(i, j + 1)]) {
        const triangle = [corner(i, j), middle, corner(i + 1, j + 1)];
        const cuts = triangle.flatMap((a, k) => {
          const b = triangle[(k + 1) % 3]!;
          if (a.height < 0 === b.height < 0) return [];
          const t = a.height / (a.height - b.height);
          return [[a.point[0] + t * (b.point[0] - a.point[0]), a.point[1] + t * (b.point[1] - a.point[1])] as const];
        });
        if (cuts.length === 2) lines.push([cuts[0]!, cuts[1]!]);
      }
    }
  }
  return lines;
}
