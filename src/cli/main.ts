#!/usr/bin/env node
import { processIo } from "./process.ts";
import { main } from "./run.ts";

// not process.exit: what is still being written must arrive
process.exitCode = await main(process.argv.slice(2), processIo());
