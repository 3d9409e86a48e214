import { type Peer } from "./peer.ts";
/** @tensorflow/tfjs, float32, on its two backends for CPUs. */
export declare function tfjs(): Promise<Peer[]>;
