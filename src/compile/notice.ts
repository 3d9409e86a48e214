/** What was said to the console, so that it is said once. */
const said = new Set<string>();

/** A note on the console, the first time that it is given. */
export function sayOnce(notice: string): void {
  if (said.has(notice)) return;
  said.add(notice);
  console.warn(notice);
}
