import type { Source } from "../../src/ir/source.ts";
/** The models in grammar/examples, by file name. */
export declare const examples: readonly Source[];
/** A tree as text, without what says where it stands: two trees with the same text mean the same. */
export declare function meaning(tree: unknown): string;
/** A text as a source. */
export declare function sourceOf(text: string): Source;
