import type { Integer } from "../../ir/integer.ts";

/** How windows move along one axis: where they stand, and what each of them meets there. */
export interface WindowAxis {
  readonly size: Integer;
  /** How many elements a window meets. */
  readonly window: Integer;
  /** From one window to the next. */
  readonly stride: Integer;
  /** From one element of a window to the next. */
  readonly dilation: Integer;
  /** What is added around the axis; elements there are absent. */
  readonly before: Integer;
  readonly after: Integer;
}

/** From the first to the last element of a window, both included. */
export function reach({ window, dilation }: Pick<WindowAxis, "window" | "dilation">): Integer {
  return dilation.times(window.minus(1)).plus(1);
}

/** How far the first window can move before it leaves the padded axis; negative when it does not fit. */
export function slack(axis: WindowAxis): Integer {
  return axis.size.plus(axis.before).plus(axis.after).minus(reach(axis));
}

/** H' = floor((H + p + p' - d(F - 1) - 1)/s) + 1: the number of windows. */
export function windowCount(axis: WindowAxis): Integer {
  return slack(axis).floorDiv(axis.stride).plus(1);
}

/** Where element `within` of window `at` lies: s at + d within - p. */
export function placeOf({ stride, dilation, before }: WindowAxis, at: Integer, within: Integer): Integer {
  return stride.times(at).plus(dilation.times(within)).minus(before);
}
