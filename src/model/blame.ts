import {
  DifferentiationError,
  ErrorDetails,
  NablaError,
  ShapeError,
} from "../ir/errors.ts";
import { showShape } from "../ir/graph.ts";
import { positionOf, type Span } from "../ir/source.ts";
import { Term } from "../build/term.ts";
import type { Expression } from "./syntax.ts";
import type { Entry, Scope } from "./values.ts";
