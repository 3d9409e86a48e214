import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatModel, printModel } from "../../src/model/format.ts";
import { parseModel } from "../../src/model/parse.ts";
import { arbitraryModel } from "./arbitrary.ts";
import { examples, meaning, sourceOf } from "./tree.ts";

const parsed = (text: string) => parseModel(sourceOf(text));

/** The text with comments behind some of its spaces and lines, and the comments. */
const withComments = (text: string, places: readonly boolean[]) => {
  const comments: string[] = [];
  let k = 0;
  const commented = text.replace(/[ \n]/g, (space) => {
    if (!places[k++ % places.length]) return space;
    comments.push(`# ${comments.length}`);
    return `${space}# ${comments.length - 1}\n`;
  });
  return { commented, comments };
};

describe("formatModel", () => {
  it("keeps the tree of any model", () => {
    fc.assert(
      fc.property(arbitraryModel, (model) => {
        expect(meaning(parsed(printModel(model)))).toBe(meaning(model));
      }),
      { numRuns: 500 },
    );
  });

  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(arbitraryModel, (model) => {
        const text = printModel(model);
        expect(formatModel(text)).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it("keeps comments wherever they may stand, in their order", () => {
    fc.assert(
      fc.property(arbitraryModel, fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }), (model, places) => {
        const { commented, comments } = withComments(printModel(model), places);
        const formatted = formatModel(commented);
        const tree = parsed(formatted);
        expect(meaning(tree)).toBe(meaning(model));
        expect(tree.comments.map(({ text }) => text)).toEqual(comments);
        expect(formatModel(formatted)).toBe(formatted);
      }),
      { numRuns: 300 },
    );
  });

  it.each(examples)("leaves the example $name as it is", (example) => {
    expect(formatModel(example)).toBe(example.text);
  });
});
