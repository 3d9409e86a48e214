import { type Peer } from "./peer.ts";
/** @jax-js/jax on its WebAssembly backend, under jit. */
export declare function jaxJs(): Promise<Peer[]>;
