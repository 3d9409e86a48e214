import { readFileSync } from "node:fs";
import { type ProgramRow, programFiles } from "./program-rows.ts";

/** The rows of all files of programs. */
export const programs: readonly ProgramRow[] = programFiles.flatMap((file) => {
  const text = readFileSync(new URL(file, import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly programs: readonly ProgramRow[] }).programs;
});
