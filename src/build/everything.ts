import { arrays } from "./arrays.ts";
import { core } from "./functions.ts";
import { linearAlgebra } from "./linear-algebra.ts";
import { advice, ourName, spellingsOf } from "./other-names.ts";
import { random } from "./random.ts";
import { special } from "./special.ts";
import { Vocabulary } from "./vocabulary.ts";
import { windows } from "./windows.ts";

/** Every function there is, by its own name, by those from elsewhere and in other styles: log_softmax and logsoftmax. */
export const vocabulary = new Vocabulary([core, arrays, linearAlgebra, windows, random, special], (own) => {
  const spellings = new Map(
    [...own.names()].flatMap((name) => spellingsOf(name).map((spelling): [string, string] => [spelling, name])),
  );
  return { ours: (name) => ourName(name) ?? spellings.get(name), advice };
});
