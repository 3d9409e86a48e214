/** A tool of the GradBench suite: reads messages on standard input and answers each on a line of standard output. */
import { createInterface } from "node:readline";
import { ba } from "./gradbench/ba.ts";
import { gmm } from "./gradbench/gmm.ts";
import { hello } from "./gradbench/hello.ts";
import { kmeans } from "./gradbench/kmeans.ts";
import { llsq } from "./gradbench/llsq.ts";
import { lse } from "./gradbench/lse.ts";
import { ode } from "./gradbench/ode.ts";
import { particle } from "./gradbench/particle.ts";
import { Tool } from "./gradbench/tool.ts";

const tool = new Tool({ hello, lse, llsq, gmm, kmeans, ode, ba, particle });
for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() !== "") process.stdout.write(`${tool.answer(line)}\n`);
}
