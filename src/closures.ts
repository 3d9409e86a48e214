/** nabla/closures: the engine for pages whose policy forbids code from strings. */
export { closureEngine } from "./compile/closures.ts";
