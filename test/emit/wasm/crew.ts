import type { Crew, CrewWork } from "../../../src/emit/wasm/engine.ts";
import { hostName, phasePrefix } from "../../../src/emit/wasm/module.ts";

type Phases = Record<string, (piece: number) => void>;
interface Host {
  readonly Instance: new (module: object, imports: object) => { readonly exports: Phases };
}

/**
 * Workers in one thread: each is an instance with private arrays of its own, and pieces are run in an order that a seed
 * decides, by members that it decides.
 */
export class CrewInTurns implements Crew {
  readonly members: number;
  readonly isShared = false;
  forks = 0;
  pieces = 0;
  private state: number;

  constructor(members: number, seed: number) {
    this.members = members;
    this.state = seed;
  }

  enlist(work: CrewWork): (phase: number) => void {
    const { Instance } = (globalThis as unknown as { readonly WebAssembly: Host }).WebAssembly;
    const others = Array.from({ length: this.members - 1 }, (_, k) => {
      const functions = Object.fromEntries(work.functions.map((f, i) => [`f${i}`, f]));
      const imports = { ...work.importsOf(k + 1), ...functions, fork: () => undefined };
      return new Instance(work.module, { [hostName]: imports }).exports;
    });
    return (phase) => {
      this.forks++;
      for (const piece of this.shuffled(work.pieces[phase]!)) {
        this.pieces++;
        const member = this.below(this.members);
        if (member === 0) work.phases[phase]!(piece);
        else others[member - 1]![`${phasePrefix}${phase}`]!(piece);
      }
    };
  }

  private below(count: number): number {
    this.state = (Math.imul(this.state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((this.state / 2 ** 32) * count);
  }

  private shuffled(count: number): number[] {
    const order = Array.from({ length: count }, (_, k) => k);
    for (let k = count - 1; k > 0; k--) {
      const other = this.below(k + 1);
      [order[k], order[other]] = [order[other]!, order[k]!];
    }
    return order;
  }
}
