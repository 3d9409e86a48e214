/** Before all tests: the parser, so that they run on a fresh clone. */
export default function setup(): void;
