import type { Contender } from "../measure.ts";
import type { Task } from "../tasks.ts";
/** A system that nabla is compared with. */
export interface Peer {
    readonly name: string;
    /** What it offers for a task. Several ways to one result are several contenders. */
    contenders(task: Task): Promise<{
        readonly lossAndGradient: readonly Contender[];
        readonly hvp: readonly Contender[];
    }>;
}
/** Loads a peer, unless it is not installed. */
export declare function whereInstalled(name: string, load: () => Promise<Peer[]>): Promise<Peer[]>;
/** Labels as rows of zeros with a one. */
export declare function oneHot(label: Int32Array, classes: number): Float64Array;
