import { escaped } from "../graph/svg.ts";
import { palette } from "./chart.ts";

/** A part of a report. */
export interface Section {
  readonly title: string;
  /** HTML. */
  readonly content: string;
  /** Takes the whole width. */
  readonly isWide?: boolean;
}

/** One HTML file that needs nothing else: no script, no font, no address. */
export function pageHtml(title: string, head: string, sections: readonly Section[]): string {
  const cards = sections.map(
    ({ title, content, isWide }) =>
      `<div class="${isWide ? "wide place" : "place"}"><section><h2>${escaped(title)}</h2>${content}</section></div>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${css}</style>
</head>
<body>
<header>${head}</header>
<main>
${cards.join("\n")}
</main>
</body>
</html>
`;
}

/** A table; cells are HTML, the first row is the head, columns named in `numbers` are aligned by their digits. */
export function tableHtml(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: readonly number[] = [],
): string {
  const cell = (tag: string) => (text: string, k: number) =>
    `<${tag}${numbers.includes(k) ? ' class="number"' : ""}>${text}</${tag}>`;
  const body = rows.map((row) => `<tr>${row.map(cell("td")).join("")}</tr>`);
  return `<div class="scroll"><table><thead><tr>${head.map(cell("th")).join("")}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}

const tones = (night: 0 | 1) => palette.map((tone, k) => `--c${k}:${tone[night]}`).join(";");
const marks = palette
  .map(
    (_, k) => `.curve.c${k}{stroke:var(--c${k})}.dot.c${k}{fill:var(--c${k})}.legend .c${k}{background:var(--c${k})}`,
  )
  .join("");

const css = `
:root{color-scheme:light dark;--paper:#f6f7f9;--card:#fff;--ink:#1c2230;--soft:#626b7d;--line:#e3e6ec;--good:#1f7a4d;--warn:#a15c00;--bad:#b3261e;${tones(0)}}
@media(prefers-color-scheme:dark){:root{--paper:#12151b;--card:#1b2029;--ink:#e7eaf0;--soft:#9aa3b5;--line:#2c333f;--good:#5bd197;--warn:#f0b04f;--bad:#ff8a80;${tones(1)}}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
header{padding:28px 32px 4px;max-width:1240px;margin:auto}
h1{margin:0 0 2px;font-size:26px;letter-spacing:-.01em}
h2{margin:0 0 10px;font-size:16px}
header p{margin:2px 0;color:var(--soft)}
.status{font-weight:600}.good{color:var(--good)}.warn{color:var(--warn)}.bad{color:var(--bad)}
dl{display:flex;flex-wrap:wrap;gap:10px 34px;margin:16px 0 4px}
dt{color:var(--soft);font-size:13px}dd{margin:0;font-variant-numeric:tabular-nums;font-size:17px}
main{columns:480px 2;column-gap:18px;padding:16px 32px 22px;max-width:1240px;margin:auto}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px 18px}
.place{padding-bottom:18px;break-inside:avoid}
.wide{column-span:all}
section p{margin:8px 0 0}
.note{color:var(--soft);font-size:14px}
.scroll{overflow:auto;max-height:560px}
table{border-collapse:collapse;width:100%;font-size:14px}
th{text-align:left;font-weight:600;color:var(--soft);position:sticky;top:0;background:var(--card)}
th,td{padding:4px 14px 4px 0;border-bottom:1px solid var(--line);vertical-align:top}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
code{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
svg{display:block;width:100%;height:auto;overflow:visible}
.tick{font-size:11.5px;fill:var(--soft)}.power{font-size:9px}.axis{font-size:12.5px;fill:var(--ink)}.entry{font-size:10px;fill:var(--ink)}.entry.strong{fill:#fff}
.grid{stroke:var(--line);fill:none}.zero{stroke:var(--soft);fill:none}
.curve{fill:none;stroke-width:2;stroke-linejoin:round}.dot{fill-opacity:.75}
.interval{stroke:var(--c0);stroke-width:2.5;fill:none;stroke-linecap:round}
.bar{fill:var(--c0);fill-opacity:.55}
.positive{fill:var(--c0)}.negative{fill:var(--c1)}.unknown{fill:var(--line)}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:13.5px;color:var(--soft)}
.legend i{display:inline-block;width:14px;height:4px;border-radius:2px;margin-right:6px;vertical-align:middle}
${marks}
@media print{body{background:#fff}.scroll{max-height:none}}
`;
