/** Something that a floor does for extensions: a name of its own with the type of what does it. */
export class Ability<T> {
  readonly name: string;
  /** Given a value, so that the type is no name alone. */
  declare protected readonly of: T;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * A part of nabla that a model brings along only where it uses it, such as loops: what each floor does for it. Operations with
 * bodies carry theirs, and graphs know those of their nodes, so that no floor imports them.
 */
export interface Extension {
  readonly name: string;
  /** By the names of abilities: a package that is loaded twice has two objects for each. */
  readonly abilities: ReadonlyMap<string, unknown>;
}

/** An extension from what it can do. */
export function extension(name: string, abilities: readonly (readonly [string, unknown])[]): Extension {
  return { name, abilities: new Map(abilities) };
}

/** One thing that an extension can do. */
export function able<T>({ name }: Ability<T>, how: T): readonly [string, unknown] {
  return [name, how];
}

/** How an extension does something; undefined where it does not. */
export function howTo<T>({ name }: Ability<T>, { abilities }: Extension): T | undefined {
  return abilities.get(name) as T | undefined;
}

/** How an extension does what it must. */
export function must<T>(ability: Ability<T>, extension: Extension): T {
  const how = howTo(ability, extension);
  if (how === undefined) throw new Error(`internal: ${extension.name} has no ${ability.name}`);
  return how;
}
