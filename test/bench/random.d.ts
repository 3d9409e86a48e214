/** Standard normal numbers from a seed (mulberry32, Box-Muller). */
export declare function normals(length: number, seed: number): Float64Array;
/** Uniform numbers in 0..1 from a seed. */
export declare function uniforms(seed: number): () => number;
