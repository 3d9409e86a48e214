import type { Arrow, Box, Diagram } from "./diagram.ts";

export interface Place {
  readonly x: number;
  readonly y: number;
}

/** A box with its centre and size. */
export interface PlacedBox extends Box, Place {
  readonly width: number;
  readonly height: number;
}

/** An arrow with the points that it passes, and the centre of its label. */
export interface PlacedArrow extends Arrow {
  readonly points: readonly Place[];
  readonly label: Place;
}

export interface Layout {
  readonly title: string;
  readonly boxes: readonly PlacedBox[];
  readonly arrows: readonly PlacedArrow[];
  readonly width: number;
  readonly height: number;
}

/** Width of a character and sizes of boxes, in pixels; labels are set in a fixed-width font, so that they can be measured. */
export const font = { label: 14, detail: 11.5, arrow: 11, perEm: 0.605 } as const;
const padding = { x: 14, y: 9 } as const;

/** Places a diagram in layers, inputs above. The layout library is loaded here and nowhere else. */
export async function layOut(diagram: Diagram): Promise<Layout> {
  const { Graph, layout } = await import("@dagrejs/dagre");
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 30, ranksep: 46, edgesep: 14, marginx: 24, marginy: 24 });
  for (const box of diagram.boxes) graph.setNode(box.id, sizeOf(box));
  for (const [k, { from, to, ...carried }] of diagram.arrows.entries()) {
    const text = arrowText(carried);
    const size =
      text === "" ? { width: 0, height: 0 } : { width: textWidth(text, font.arrow) + 8, height: font.arrow + 5 };
    graph.setEdge(from, to, { ...size, labelpos: "c" }, String(k));
  }
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  const boxes = diagram.boxes.map((box): PlacedBox => {
    const { x, y, width, height } = graph.node(box.id);
    return { ...box, x: x!, y: y!, width, height };
  });
  const arrows = diagram.arrows.map((arrow, k): PlacedArrow => {
    const { points, x, y } = graph.edge(arrow.from, arrow.to, String(k));
    return { ...arrow, points: points!, label: { x: x!, y: y! } };
  });
  return {
    title: diagram.title,
    boxes,
    arrows: withWideTurns(withPorts(arrows, new Map(boxes.map((box) => [box.id, box])))),
    width,
    height,
  };
}

/**
 * Arrows that leave below their box and arrive above the other one, side by side where several meet: between two
 * layers there is nothing that they could cross but each other.
 */
function withPorts(arrows: readonly PlacedArrow[], boxes: ReadonlyMap<string, PlacedBox>): PlacedArrow[] {
  const spread = (end: "from" | "to", at: (points: readonly Place[]) => Place, side: 1 | -1) => {
    const ports = new Map<PlacedArrow, Place>();
    for (const box of boxes.values()) {
      const met = arrows.filter((arrow) => arrow[end] === box.id);
      const ordered = met.sort((a, b) => at(a.points).x - at(b.points).x);
      const gap = Math.min(18, (box.width - 24) / Math.max(1, ordered.length - 1));
      for (const [k, arrow] of ordered.entries()) {
        const x = box.x + (k - (ordered.length - 1) / 2) * gap;
        ports.set(arrow, { x, y: box.y + (side * box.height) / 2 });
      }
    }
    return ports;
  };
  const starts = spread("from", (points) => points[1]!, 1);
  const ends = spread("to", (points) => points[points.length - 2]!, -1);
  return arrows.map((arrow) => ({
    ...arrow,
    points: [starts.get(arrow)!, ...arrow.points.slice(1, -1), ends.get(arrow)!],
  }));
}

/** Half the height of a row of boxes, and a little air. */
const halfRow = 27;

/**
 * Long arrows turn over the whole gap between two rows instead of half of it, where no box is in the way; short ones
 * need no point in between at all, when their label finds room on the straight way.
 */
function withWideTurns(arrows: readonly PlacedArrow[]): PlacedArrow[] {
  const labels = arrows.map(labelArea);
  return arrows.map((arrow, k) => {
    const { points } = arrow;
    if (points.length === 3) {
      const [start, , end] = points as readonly [Place, Place, Place];
      const straight = {
        ...arrow,
        points: [start, end],
        label: { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 },
      };
      const area = labelArea(straight);
      if (labels.some((other, j) => j !== k && overlap(area, other))) return arrow;
      labels[k] = area;
      return straight;
    }
    if (points.length < 5) return arrow;
    const wide = [...points];
    const last = wide.length - 2;
    wide[1] = { x: wide[1]!.x, y: Math.max(wide[1]!.y, wide[2]!.y - halfRow) };
    wide[last] = { x: wide[last]!.x, y: Math.min(wide[last]!.y, wide[last - 1]!.y + halfRow) };
    return { ...arrow, points: wide };
  });
}

interface Area extends Place {
  readonly width: number;
  readonly height: number;
}

function labelArea(arrow: PlacedArrow): Area {
  const text = arrowText(arrow);
  return {
    ...arrow.label,
    width: text === "" ? 0 : textWidth(text, font.arrow) + 6,
    height: text === "" ? 0 : font.arrow + 5,
  };
}

function overlap(a: Area, b: Area): boolean {
  return Math.abs(a.x - b.x) < (a.width + b.width) / 2 && Math.abs(a.y - b.y) < (a.height + b.height) / 2;
}

/** What stands on an arrow. */
export function arrowText({ letter, result, shape }: Pick<Arrow, "letter" | "result" | "shape">): string {
  return [letter, result === undefined ? "" : `#${result}`, shape].filter((part) => part).join(" ");
}

function sizeOf({ label, detail, kind }: Box): { width: number; height: number } {
  const widest = Math.max(textWidth(label, font.label), detail === undefined ? 0 : textWidth(detail, font.detail));
  const lines = font.label + (detail === undefined ? 0 : font.detail + 4);
  const height = lines + 2 * padding.y + 4;
  // round ends take room from the text
  const ends = kind === "data" || kind === "param" || kind === "direction" || kind === "result" ? 8 : 0;
  return { width: Math.max(height, widest + 2 * padding.x + ends), height };
}

export function textWidth(text: string, size: number): number {
  return [...text].length * size * font.perEm;
}
