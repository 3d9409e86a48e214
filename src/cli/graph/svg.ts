import type { BoxKind } from "./diagram.ts";
import { arrowText, font, type Layout, type Place, type PlacedArrow, type PlacedBox, textWidth } from "./layout.ts";
import { looks, page } from "./looks.ts";

const header = 52;
const legendHeight = 44;
const fontFamily = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";

/** A layout as a standalone SVG that follows the reader's light or dark preference. */
export function svgText(layout: Layout): string {
  const legend = legendOf(layout);
  const titleWidth = layout.title.length * 18 * font.perEm + 48;
  const width = Math.ceil(Math.max(layout.width, legend.width, titleWidth));
  const height = Math.ceil(layout.height + header + legendHeight);
  const left = (width - layout.width) / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(layout.title)}" font-family="${fontFamily}">`,
    `<title>${escaped(layout.title)}</title>`,
    `<style>${styles(layout)}</style>`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path class="tip" d="M0 0.8 L7.4 4 L0 7.2 L1.8 4 Z"/></marker></defs>',
    `<rect class="paper" width="${width}" height="${height}"/>`,
    `<text class="title" x="24" y="36">${escaped(layout.title)}</text>`,
    `<g transform="translate(${number(left)} ${header})">`,
    ...layout.arrows.map(arrowPath),
    ...layout.boxes.map(boxGroup),
    // labels last: no line crosses them
    ...layout.arrows.map(arrowLabel),
    "</g>",
    `<g transform="translate(24 ${height - legendHeight / 2 - 4})">${legend.text}</g>`,
    "</svg>",
    "",
  ].join("\n");
}

function kindsIn({ boxes }: Layout): BoxKind[] {
  const present = new Set(boxes.map(({ kind }) => kind));
  return (Object.keys(looks) as BoxKind[]).filter((kind) => present.has(kind));
}

function styles(layout: Layout): string {
  const theme = (name: "light" | "dark") => [
    `.paper{fill:${page[name].paper}}.title{fill:${page[name].text}}.arrow{stroke:${page[name].line}}.tip{fill:${page[name].line}}`,
    `.shape,.legend{fill:${page[name].quiet}}`,
    ...kindsIn(layout).map((kind) => {
      const { fill, stroke, text } = looks[kind][name];
      return `.${kind} .outline{fill:${fill};stroke:${stroke}}.${kind} text{fill:${text}}`;
    }),
  ];
  return [
    "",
    ".title{font-size:18px;font-weight:600}",
    `.label{font-size:${font.label}px;font-weight:600}.detail{font-size:${font.detail}px;opacity:.78}`,
    `.shape{font-size:${font.arrow}px}.letter{font-weight:700}`,
    ".label,.detail,.shape{text-anchor:middle}.legend{font-size:11.5px}",
    ".arrow{fill:none;stroke-width:1.4}.outline{stroke-width:1.5}.dashed .outline{stroke-dasharray:4 3}",
    ...theme("light"),
    `@media (prefers-color-scheme:dark){${theme("dark").join("")}}`,
    "",
  ].join("\n");
}

function boxGroup(box: PlacedBox): string {
  const { x, y, kind, label, detail, tooltip } = box;
  const first = detail === undefined ? y + font.label * 0.36 : y - 3;
  const lines = [`<text class="label" x="${number(x)}" y="${number(first)}">${escaped(label)}</text>`];
  if (detail !== undefined) {
    lines.push(
      `<text class="detail" x="${number(x)}" y="${number(first + font.detail + 5)}">${escaped(detail)}</text>`,
    );
  }
  const classes = looks[kind].isDashed ? `${kind} dashed` : kind;
  return `<g class="${classes}"><title>${escaped(tooltip)}</title>${outline(box)}${lines.join("")}</g>`;
}

function outline({ x, y, width, height, kind }: Pick<PlacedBox, "x" | "y" | "width" | "height" | "kind">): string {
  const [left, top] = [x - width / 2, y - height / 2];
  if (looks[kind].outline === "hexagon") {
    const cut = Math.min(10, height / 3);
    const corners: [number, number][] = [
      [left + cut, top],
      [left + width - cut, top],
      [left + width, y],
      [left + width - cut, top + height],
      [left + cut, top + height],
      [left, y],
    ];
    return `<polygon class="outline" stroke-linejoin="round" points="${corners.map(([a, b]) => `${number(a)},${number(b)}`).join(" ")}"/>`;
  }
  const radius = looks[kind].outline === "pill" ? height / 2 : 7;
  return `<rect class="outline" x="${number(left)}" y="${number(top)}" width="${number(width)}" height="${number(height)}" rx="${number(radius)}"/>`;
}

/**
 * Through the layout's points, vertical at both ends and never turning back between two of them.
 * Source of the slopes: Fritsch and Carlson (1980), monotone piecewise cubic interpolation, of x over y.
 */
function arrowPath({ points }: PlacedArrow): string {
  const slopes = points.map((point, k) => {
    const [before, after] = [points[k - 1], points[k + 1]];
    if (!before || !after) return 0;
    const [left, right] = [slope(before, point), slope(point, after)];
    return left * right <= 0
      ? 0
      : Math.sign(left) * Math.min(3 * Math.abs(left), 3 * Math.abs(right), Math.abs(left + right) / 2);
  });
  const parts = points.slice(1).map((end, k) => {
    const start = points[k]!;
    const third = (end.y - start.y) / 3;
    const leave = `${number(start.x + slopes[k]! * third)} ${number(start.y + third)}`;
    const arrive = `${number(end.x - slopes[k + 1]! * third)} ${number(end.y - third)}`;
    return `C${leave} ${arrive} ${number(end.x)} ${number(end.y)}`;
  });
  return `<path class="arrow" marker-end="url(#tip)" d="M${number(points[0]!.x)} ${number(points[0]!.y)}${parts.join("")}"/>`;
}

function slope(a: Place, b: Place): number {
  return (b.x - a.x) / Math.max(1, b.y - a.y);
}

function arrowLabel(arrow: PlacedArrow): string {
  const text = arrowText(arrow);
  if (text === "") return "";
  const { letter, label } = arrow;
  const carried = arrowText({ ...arrow, letter: undefined });
  const middle = label.y + font.arrow * 0.36;
  const letterText = letter ? `<tspan class="letter">${escaped(letter)}</tspan>${carried ? " " : ""}` : "";
  const width = textWidth(text, font.arrow) + 4;
  const back = `<rect class="paper" x="${number(label.x - width / 2)}" y="${number(label.y - 8)}" width="${number(width)}" height="16" rx="3"/>`;
  return `${back}<text class="shape" x="${number(label.x)}" y="${number(middle)}">${letterText}${escaped(carried)}</text>`;
}

/** One small box a kind, with what the kind stands for. */
function legendOf(layout: Layout): { text: string; width: number } {
  let x = 0;
  const parts = kindsIn(layout).map((kind) => {
    const { title, isDashed } = looks[kind];
    const mark = outline({ x: x + 11, y: 0, width: 22, height: 14, kind });
    const text = `<text class="legend" x="${number(x + 30)}" y="4">${title}</text>`;
    x += 30 + title.length * 11.5 * font.perEm + 22;
    return `<g class="${isDashed ? `${kind} dashed` : kind}">${mark}</g>${text}`;
  });
  return { text: parts.join(""), width: x + 48 };
}

const number = (value: number) => String(Math.round(value * 10) / 10);

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as XML carries it; characters that XML has no place for are shown as a box. */
export function escaped(text: string): string {
  return (
    text
      .replace(/[&<>"']/g, (sign) => entities[sign]!)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML 1.0 forbids
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, "\ufffd")
  );
}
