/** A row of a table with one thing broken: its own tests must notice. */
export interface Mutant<Row> {
  readonly name: string;
  readonly row: Row;
  readonly broken: Row;
}

/** The names of the mutants that no test notices; a test that throws has noticed. */
export function survivors<Row>(mutants: readonly Mutant<Row>[], isCaught: (mutant: Mutant<Row>) => boolean): string[] {
  return mutants
    .filter((mutant) => {
      try {
        return !isCaught(mutant);
      } catch {
        return false;
      }
    })
    .map(({ name }) => name);
}
