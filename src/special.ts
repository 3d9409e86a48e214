/** nabla/special: special functions, element by element. */
export {
  digamma,
  erf,
  erfc,
  erfcx,
  erfinv,
  gelu,
  lgamma,
  logErfc,
  logNormalCdf,
  normalCdf,
  normalPdf,
  polygamma,
  trigamma,
} from "./build/entries/special.ts";
