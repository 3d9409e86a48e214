import { NablaError } from "../ir/errors.ts";

/** A frame's file, line and column at the end of its line in a stack. */
const place = /\(?((?:file:\/\/|https?:\/\/|\/|[A-Za-z]:[\\/])[^()]*?):(\d+):(\d+)\)?$/;

/** Where nabla's own code lies: frames from there are not the user's. Read from a stack, for scripts know no URL of their own. */
const ownRoot = framesOf(new Error())
  .next()
  .value?.path.replace(/[^\\/]*[\\/][^\\/]*$/, "");

/** Frames kept while a model is built: enough to reach the user's line below nabla's own. */
const tracedFrames = 60;

/** `file:line:column` of the innermost frame of an error that is not nabla's own. */
export function callSite(error: Error): string | undefined {
  if (ownRoot === undefined) return undefined;
  for (const { path, line, column } of framesOf(error))
    if (!path.startsWith(ownRoot) && !path.includes("node:")) return `${path}:${line}:${column}`;
  return undefined;
}

interface Frame {
  readonly path: string;
  readonly line: string;
  readonly column: string;
}

/** The frames that lie in files, innermost first. */
function* framesOf(error: Error): Generator<Frame, undefined> {
  for (const text of (error.stack ?? "").split("\n")) {
    const [, url, line, column] = place.exec(text.trim()) ?? [];
    if (!url || !line || !column) continue;
    yield { path: url.replace(/^file:\/\//, "").replace(/\?.*$/, ""), line, column };
  }
}

/** Runs what builds a model; an error gets the line of TypeScript that caused it. */
export function located<T>(build: () => T): T {
  const holder = Error as { stackTraceLimit?: number };
  const limit = holder.stackTraceLimit;
  holder.stackTraceLimit = tracedFrames;
  try {
    return build();
  } catch (error) {
    if (error instanceof NablaError && !sites.has(error)) {
      const site = callSite(error);
      if (site) {
        sites.add(error);
        error.message = `${site}: ${error.message}`;
      }
    }
    throw error;
  } finally {
    if (limit !== undefined) holder.stackTraceLimit = limit;
  }
}

/** Errors that have their place already, for constructions that nest. */
const sites = new WeakSet<Error>();
