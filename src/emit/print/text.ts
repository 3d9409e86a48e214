// Numbers, names, summaries and sources of models as text in generated code; foreign text reaches it through these functions only.

/** Text for a comment: on one line, and without anything that ends a comment or the page around the code. */
export function commentText(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .replace(/\*\//g, "* /")
    .replace(/<(?=[/!])/g, "< ");
}

/** A string literal that is the same text in JavaScript, in TypeScript and inside a page's script element. */
export function stringLiteral(text: string): string {
  return JSON.stringify(text)
    .replace(/\u2028/g, "\\u2028")
    .replace(/\u2029/g, "\\u2029")
    .replace(/<(?=[/!])/g, "\\u003c");
}

/** A property name in a type or an object literal. */
export function propertyName(name: string): string {
  return /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name) && name !== "__proto__" ? name : stringLiteral(name);
}

/** A number as a JavaScript expression. */
export function printNumber(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (value === Number.POSITIVE_INFINITY) return "Infinity";
  if (value === Number.NEGATIVE_INFINITY) return "-Infinity";
  return Object.is(value, -0) ? "-0" : String(value);
}
