// nabla/sparse: Jacobians and curvature of bound models that are never stored whole, as sparse matrices or as products with vectors.
export {
  fisherProduct,
  gaussNewtonProduct,
  jacobianProduct,
  transposedJacobianProduct,
  type VectorProduct,
} from "./compile/products.ts";
export { SparseDerivative, type SparseMatrix, sparseHessian, sparseJacobian } from "./compile/sparse.ts";
export { type Colouring, colourColumns, colourStars } from "./sparse/colouring.ts";
export type { Pattern } from "./sparse/pattern.ts";
