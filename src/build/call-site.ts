import { NablaError } from "../ir/errors.ts";

/** Where nabla's own code lies: frames from there are not the user's. */
const ownRoot = plainPath(new URL("..", import.meta.url).href);

/** Frames kept while a model is built: enough to reach the user's line below nabla's own. */
const tracedFrames = 60;

/** `file:line:column` of the innermost frame of an error that is not nabla's own. */
export function callSite(error: Error): string | undefined {
  for (const line of (error.stack ?? "").split("\n")) {
    const found = /\(?((?:file:\/\/|https?:\/\/|\/|[A-Za-z]:[\\/])[^()]*?):(\d+):(\d+)\)?$/.exec(line.trim());
    if (!found) continue;
    const path = plainPath(found[1]!);
    if (!path.startsWith(ownRoot) && !path.includes("node:")) return `${path}:${found[2]}:${found[3]}`;
  }
  return undefined;
}

function plainPath(url: string): string {
  return url.replace(/^file:\/\//, "").replace(/\?.*$/, "");
}

/** Runs what builds a model; an error without a place in a text gets the line of TypeScript that caused it. */
export function located<T>(build: () => T): T {
  const holder = Error as { stackTraceLimit?: number };
  const limit = holder.stackTraceLimit;
  holder.stackTraceLimit = tracedFrames;
  try {
    return build();
  } catch (error) {
    if (error instanceof NablaError && !error.span && !sites.has(error)) {
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
