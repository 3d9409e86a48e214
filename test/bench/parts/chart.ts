import { scaleLog } from "d3-scale";
import { nativeName } from "../contenders/native.ts";
import { type Quantity, type Row, type TaskResult, wrongFrom } from "./runtime.ts";

/** Who is drawn, by the beginning of a row's name: the fastest of the rows that begin so. */
const contenders: readonly { readonly name: string; readonly begins: string; readonly colour: string }[] = [
  { name: "nabla, JavaScript", begins: "nabla, flat", colour: "#7fb3e6" },
  { name: "nabla, WebAssembly", begins: "nabla, WebAssembly", colour: "#1f5fa8" },
  { name: nativeName, begins: nativeName, colour: "#222222" },
  { name: "jax-js float32", begins: "jax-js f32", colour: "#e0902f" },
  { name: "jax-js float64", begins: "jax-js f64", colour: "#a8501f" },
  { name: "tfjs wasm float32", begins: "tfjs wasm f32", colour: "#3f9a55" },
];

const quantities: Readonly<Record<Quantity, string>> = { lossAndGradient: "loss + gradient", hvp: "Hessian times v" };

const width = 900;
const left = 310;
const line = 26;
const top = 84;

/** Times in units of TypeScript by hand, on a logarithmic scale: a dot for each contender, a line for each task. */
export function chartOf(results: readonly TaskResult[], note: string): string {
  const lines = results.flatMap(({ task, rows }) =>
    (Object.keys(quantities) as Quantity[]).map((quantity) => ({
      name: `${task}: ${quantities[quantity]}`,
      rows: rows[quantity],
    })),
  );
  const ratios = lines.flatMap(({ rows }) => contenders.flatMap(({ begins }) => fastest(rows, begins) ?? []));
  const scale = scaleLog()
    .domain([Math.min(0.2, ...ratios), Math.max(10, ...ratios)])
    .range([left, width - 30])
    .nice();
  const height = top + line * lines.length + 40;
  const bottom = height - 36;
  const powers = scale.ticks().filter((tick) => Number.isInteger(Math.log10(tick)));
  const text = (x: number, y: number, content: string, anchor = "start") =>
    `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escaped(content)}</text>`;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    "<title>CPU times in units of TypeScript by hand</title>",
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(12, 22, `CPU time of a call in units of TypeScript by hand (${note})`),
    ...powers.map((tick) => {
      const x = scale(tick);
      const style = tick === 1 ? 'stroke="#888888"' : 'stroke="#e4e4e4"';
      return `<path d="M${x.toFixed(1)} ${top - 14}V${bottom}" ${style}/>${text(x, bottom + 18, String(tick), "middle")}`;
    }),
    ...contenders.map(({ name, colour }, k) => {
      const [x, y] = [12 + (k % 3) * 200, 42 + Math.floor(k / 3) * 18];
      return `<circle cx="${x + 4}" cy="${y - 4}" r="5" fill="${colour}"/>${text(x + 14, y, name)}`;
    }),
    ...lines.flatMap(({ name, rows }, at) => {
      const y = top + line * at + 8;
      const dots = contenders.flatMap(({ begins, colour }) => {
        const ratio = fastest(rows, begins);
        return ratio === undefined
          ? []
          : [`<circle cx="${scale(ratio).toFixed(1)}" cy="${y - 4}" r="5" fill="${colour}"/>`];
      });
      return [`<path d="M${left} ${y - 4}H${width - 30}" stroke="#f0f0f0"/>`, text(12, y, name), ...dots];
    }),
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}

/** The least ratio among the right rows that begin so. */
function fastest(rows: readonly Row[], begins: string): number | undefined {
  const ratios = rows
    .filter(({ name, deviation }) => name.startsWith(begins) && deviation !== undefined && deviation <= wrongFrom)
    .flatMap(({ ratio }) => (ratio ? [ratio[1]] : []));
  return ratios.length > 0 ? Math.min(...ratios) : undefined;
}

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
