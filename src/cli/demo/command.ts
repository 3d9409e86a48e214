import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { ElaboratedModel } from "../../build/model.ts";
import { checkModel } from "../../check/check.ts";
import type { CheckReport } from "../../check/report.ts";
import { checkModules, emitModule } from "../../emit.ts";
import { type Call, command, shared } from "../command.ts";
import { sizeText } from "../compile.ts";
import { engines } from "../eval/engines.ts";
import { InputReader, readDirection } from "../eval/point.ts";
import { norm } from "../eval/show.ts";
import { variablesOf } from "../subject.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { readJson, writeText } from "../files.ts";
import { jsonText } from "../json.ts";
import { readModel } from "../model.ts";
import { withoutTypes } from "../strip.ts";
import type { Style } from "../style.ts";
import { type Problem, problems } from "./problems.ts";
import { type Measured, medianTime } from "./timing.ts";

const demoOptions = {
  output: { type: "text", short: "o", value: "FOLDER", help: "where the compiled files go (default: nabla-demo)" },
  json: shared.json,
} as const;

/** The models and data that come with the package; the same way up from sources and builds. */
const examples = fileURLToPath(new URL("../../../grammar/examples/", import.meta.url));
