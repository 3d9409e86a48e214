/** Where the elements of a matrix lie: at start + row * rowStep + column * columnStep. */
export interface Layout {
    readonly start: number;
    readonly rowStep: number;
    readonly columnStep: number;
}
/**
 * C = A B, or C += A B: [m, k] @ [k, n]. Tiles of 2 x 4 held in locals, which is as far as JavaScript's registers go;
 * a transposed matrix is another layout. m must be even; the columns beyond a multiple of 4 go one by one.
 */
export declare function multiply([m, k, n]: readonly [number, number, number], A: Float64Array, layoutA: Layout, B: Float64Array, layoutB: Layout, C: Float64Array, layoutC: Layout, isAdded?: boolean): void;
