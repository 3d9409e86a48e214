/** nabla/linear-algebra: factorisations, systems, and the order of elements. */
export {
  argsort,
  cholesky,
  type Definite,
  det,
  eigenvalues,
  eigh,
  inverse,
  logdet,
  type OrderOptions,
  qr,
  solve,
  solveTriangular,
  sort,
  topK,
} from "./build/entries/linear-algebra.ts";
