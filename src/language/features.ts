/** nabla/language/features: what the model language has beside its core, to be given to `language(...)`. */
export {
  arrays,
  habits,
  linearAlgebra,
  loops,
  otherNames,
  random,
  special,
  stability,
  units,
  windows,
} from "../model/features/features.ts";
