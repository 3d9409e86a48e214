const reserved = new Set(
  (
    "abstract any arguments as async await boolean break case catch class const constructor continue debugger declare " +
    "default delete do else enum eval export extends false finally for function get if implements import in instanceof " +
    "interface is let module namespace never new null number object of package private protected public readonly return " +
    "set static string super switch symbol this throw true try type typeof undefined unknown var void while with yield " +
    "Array Float64Array Int32Array Uint8Array Infinity Math NaN Number Object Symbol globalThis"
  ).split(" "),
);

/**
 * Hands out identifiers. A user's name only suggests one: what is printed is made of ASCII letters, digits and
 * underscores, is no reserved word and is used once.
 */
export class Names {
  private readonly taken = new Set<string>();

  make(suggestion: string): string {
    const plain = suggestion.replace(/[^A-Za-z0-9_]+/g, "_").replace(/^([0-9])/, "_$1").slice(0, 40);
    const base = plain === "" || /^_+$/.test(plain) ? "x" : plain;
    let name = base;
    for (let k = 1; this.taken.has(name) || reserved.has(name) || name.startsWith("__"); k++) name = `${base.replace(/^_+/, "x")}_${k}`;
    this.taken.add(name);
    return name;
  }
}
