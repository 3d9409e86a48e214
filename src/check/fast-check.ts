import { UsageError } from "../ir/errors.ts";

export type FastCheck = typeof import("fast-check");

/** fast-check, an optional peer: loaded when something is drawn. Throws UsageError with the way to install it. */
export async function loadFastCheck(): Promise<FastCheck> {
  try {
    return await import("fast-check");
  } catch (error) {
    throw new UsageError("checking draws random points with fast-check, which is not installed.", {
      notes: ["Run: npm install --save-dev fast-check", String(error)],
    });
  }
}
