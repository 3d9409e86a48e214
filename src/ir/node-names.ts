/** As many nodes have names: of thousands no reader wants more. */
const mostNames = 2000;

/** What people call nodes, by id: it suggests names in generated code. */
export class NodeNames {
  private readonly names = new Map<number, string>();

  of(id: number): string | undefined {
    return this.names.get(id);
  }

  /** Notes what people call a node. The first name stays. */
  set(id: number, name: string): void {
    if (this.names.size < mostNames && !this.names.has(id)) this.names.set(id, name);
  }

  /** Gives the names of nodes to what has taken their places. */
  pass(formOf: (id: number) => number): void {
    for (const [id, name] of [...this.names]) this.set(formOf(id), name);
  }
}
