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
export function multiply(
  [m, k, n]: readonly [number, number, number],
  A: Float64Array,
  layoutA: Layout,
  B: Float64Array,
  layoutB: Layout,
  C: Float64Array,
  layoutC: Layout,
  isAdded = false,
): void {
  const { start: startA, rowStep: rowA, columnStep: stepA } = layoutA;
  const { start: startB, rowStep: stepB, columnStep: columnB } = layoutB;
  const { start: startC, rowStep: rowC, columnStep: columnC } = layoutC;
  const tiled = n - (n % 4);
  for (let i = 0; i < m; i += 2) {
    const fromA = startA + i * rowA;
    const toC = startC + i * rowC;
    for (let j = 0; j < tiled; j += 4) {
      let c00 = 0;
      let c01 = 0;
      let c02 = 0;
      let c03 = 0;
      let c10 = 0;
      let c11 = 0;
      let c12 = 0;
      let c13 = 0;
      let a = fromA;
      let b = startB + j * columnB;
      for (let p = 0; p < k; p++) {
        const a0 = A[a]!;
        const a1 = A[a + rowA]!;
        const b0 = B[b]!;
        const b1 = B[b + columnB]!;
        const b2 = B[b + 2 * columnB]!;
        const b3 = B[b + 3 * columnB]!;
        c00 += a0 * b0;
        c01 += a0 * b1;
        c02 += a0 * b2;
        c03 += a0 * b3;
        c10 += a1 * b0;
        c11 += a1 * b1;
        c12 += a1 * b2;
        c13 += a1 * b3;
        a += stepA;
        b += stepB;
      }
      const at = toC + j * columnC;
      const below = at + rowC;
      if (isAdded) {
        c00 += C[at]!;
        c01 += C[at + columnC]!;
        c02 += C[at + 2 * columnC]!;
        c03 += C[at + 3 * columnC]!;
        c10 += C[below]!;
        c11 += C[below + columnC]!;
        c12 += C[below + 2 * columnC]!;
        c13 += C[below + 3 * columnC]!;
      }
      C[at] = c00;
      C[at + columnC] = c01;
      C[at + 2 * columnC] = c02;
      C[at + 3 * columnC] = c03;
      C[below] = c10;
      C[below + columnC] = c11;
      C[below + 2 * columnC] = c12;
      C[below + 3 * columnC] = c13;
    }
    for (let j = tiled; j < n; j++) {
      let c0 = 0;
      let c1 = 0;
      let a = fromA;
      let b = startB + j * columnB;
      for (let p = 0; p < k; p++) {
        const b0 = B[b]!;
        c0 += A[a]! * b0;
        c1 += A[a + rowA]! * b0;
        a += stepA;
        b += stepB;
      }
      const at = toC + j * columnC;
      C[at] = isAdded ? C[at]! + c0 : c0;
      C[at + rowC] = isAdded ? C[at + rowC]! + c1 : c1;
    }
  }
}
