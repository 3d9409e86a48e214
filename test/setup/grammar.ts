/** Before all tests: the parser, so that they run on a fresh clone. */
export default async function setup(): Promise<void> {
  const generator: string = "../../grammar/generate.mjs";
  await import(generator);
}
