import type { Primitive } from "../../ir/primitive.ts";
import type { Buffer, Parameter, SharedNest } from "../../lower/program/loops.ts";
import { arrayTypeOf } from "../signature.ts";
import type { Dialect, NestFunctions } from "./kernel.ts";
import { RealPrinter, type Scope } from "./real-printer.ts";

/** What arrays are called that are handed to shared loops. */
const letters = "abcdefgh";

/** The functions of loops that programs share, each printed once. */
export function nestFunctions(): NestFunctions {
  const names = new Map<SharedNest, string>();
  const texts: string[] = [];
  return {
    texts,
    nameOf: (nest, dialect, scope, used) => {
      const known = names.get(nest);
      if (known) return known;
      const printer = new NestPrinter(nest, dialect, scope);
      names.set(nest, printer.called.functionName);
      texts.push(printer.text(nest));
      for (const primitive of printer.needed) used.add(primitive);
      return printer.called.functionName;
    },
  };
}

/** Prints shared loops as a function of what they are called with. */
class NestPrinter extends RealPrinter {
  private readonly summary: readonly string[];

  constructor(nest: SharedNest, dialect: Dialect, scope: Scope) {
    const nothing = { sizes: [], buffers: [], parts: [], routines: [], inputOf: () => undefined };
    const named = dialect.layout?.nestName(nest);
    super(nothing, { name: named?.name ?? nest.name, packed: [], separate: [] }, dialect, scope);
    this.summary = named ? [named.summary] : [];
  }

  text({ loop, parameters }: SharedNest): string {
    const head = this.head(this.called.functionName, this.parameters(parameters), "void");
    const lines: string[] = [];
    this.print(loop, "  ", lines);
    return [...this.summary, head, ...lines, "}"].join("\n");
  }

  get needed(): ReadonlySet<Primitive> {
    return this.used;
  }

  /** The parameters as they stand in the head of the function; what the loops call them has their names. */
  private parameters(parameters: readonly Parameter[]): string[] {
    const typed = (name: string, type: string) => (this.dialect.isTyped ? `${name}: ${type}` : name);
    const arrays = new Map<Buffer, string>();
    for (const parameter of parameters) {
      if (parameter.kind !== "array") continue;
      const vector = this.called.own.make(letters[new Set(arrays.values()).size] ?? "array");
      for (const buffer of parameter.buffers) {
        arrays.set(buffer, vector);
        this.called.places.set(buffer, { vector, offset: undefined, isWhole: false });
      }
    }
    return parameters.map((parameter) => {
      if (parameter.kind === "array") {
        const [buffer] = parameter.buffers;
        return typed(arrays.get(buffer!)!, arrayTypeOf(buffer!));
      }
      const name = this.called.own.make(suggestion(parameter, arrays));
      if (parameter.kind === "place") {
        for (const buffer of parameter.buffers)
          this.called.places.set(buffer, { ...this.called.places.get(buffer)!, offset: name });
      } else if (parameter.kind === "integer") {
        for (const known of parameter.names) this.called.sizes.set(known, name);
      } else if (parameter.kind === "number") {
        for (const { id } of parameter.temporaries) this.called.temporaries.set(id, name);
      }
      return typed(name, "number");
    });
  }
}

function suggestion(parameter: Parameter, arrays: ReadonlyMap<Buffer, string>): string {
  if (parameter.kind === "place") return `${arrays.get(parameter.buffers[0]!)}_at`;
  return parameter.kind === "integer" ? "n" : "factor";
}
