import type { BoxKind } from "./diagram.ts";

export interface Colours {
  readonly fill: string;
  readonly stroke: string;
  readonly text: string;
}

/** How a kind of box looks, by day and by night. */
export interface Look {
  readonly title: string;
  readonly outline: "pill" | "box" | "hexagon";
  readonly isDashed: boolean;
  readonly light: Colours;
  readonly dark: Colours;
}

const colours = (fill: string, stroke: string, text: string): Colours => ({ fill, stroke, text });

export const looks: Readonly<Record<BoxKind, Look>> = {
  param: {
    title: "parameter",
    outline: "pill",
    isDashed: false,
    light: colours("#dbeafe", "#2563eb", "#17306b"),
    dark: colours("#172a4d", "#6ea0ff", "#dbe8ff"),
  },
  data: {
    title: "data",
    outline: "pill",
    isDashed: false,
    light: colours("#dcf5e7", "#1f9d61", "#0f4a2d"),
    dark: colours("#12352a", "#4cc38a", "#d3f5e3"),
  },
  direction: {
    title: "direction",
    outline: "pill",
    isDashed: false,
    light: colours("#ffedd0", "#d3800c", "#5c3705"),
    dark: colours("#40300f", "#f0b04f", "#ffeccc"),
  },
  constant: {
    title: "constant",
    outline: "box",
    isDashed: true,
    light: colours("#f4f5f7", "#98a2b0", "#3c4653"),
    dark: colours("#262b33", "#76808e", "#cfd6df"),
  },
  map: {
    title: "elementwise",
    outline: "box",
    isDashed: false,
    light: colours("#ffffff", "#8a95a5", "#1c2530"),
    dark: colours("#20262e", "#7f8b9a", "#e8edf3"),
  },
  view: {
    title: "view, never stored",
    outline: "box",
    isDashed: true,
    light: colours("#f6f2ff", "#8b6fd8", "#3c2a75"),
    dark: colours("#292340", "#a48ef0", "#e6deff"),
  },
  reduction: {
    title: "sum or reduction",
    outline: "hexagon",
    isDashed: false,
    light: colours("#ede5ff", "#6d4bd1", "#2f1c6b"),
    dark: colours("#35286a", "#b39bff", "#efe8ff"),
  },
  result: {
    title: "result",
    outline: "pill",
    isDashed: false,
    light: colours("#1c2530", "#1c2530", "#ffffff"),
    dark: colours("#eef2f7", "#eef2f7", "#14191f"),
  },
};

/** Paper, lines and small text. */
export const page = {
  light: { paper: "#ffffff", line: "#a3adba", quiet: "#5d6876", text: "#1c2530" },
  dark: { paper: "#14191f", line: "#5a6572", quiet: "#a3adba", text: "#e8edf3" },
} as const;
