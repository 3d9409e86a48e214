import { Unit } from "./unit.ts";

/** Unknown units and what is known of them: linear equations over exponents, solved as they come. */
export class UnitSystem {
  private readonly solved = new Map<number, Unit>();
  private count = 0;

  fresh(): Unit {
    this.count += 1;
    return Unit.unknown(this.count);
  }

  /** The unit with every solved unknown in it replaced. */
  settle(unit: Unit): Unit {
    let settled = unit;
    for (;;) {
      const unknown = settled.unknowns.find((id) => this.solved.has(id));
      if (unknown === undefined) return settled;
      const value = this.settle(this.solved.get(unknown)!);
      this.solved.set(unknown, value);
      settled = settled.replace(unknown, value);
    }
  }

  /** Makes two units equal, solving for an unknown where there is one; false where they cannot be. */
  equate(a: Unit, b: Unit): boolean {
    const quotient = this.settle(a.over(b));
    if (quotient.isOne) return true;
    const [unknown] = quotient.unknowns;
    if (unknown === undefined) return false;
    this.solved.set(unknown, quotient.solvedFor(unknown));
    return true;
  }
}
