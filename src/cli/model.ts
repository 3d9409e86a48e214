export { loadModel } from "../model/load.ts";
