import { currentBuilder } from "../api/building.ts";
import { callByName, requestOf, Tensor } from "../api/tensor.ts";
import { type Part, Vocabulary } from "../functions/vocabulary.ts";
import type { Builder } from "../terms/builder.ts";

/** The functions of a part, to be exported by an entry of their own. */
export class Entry {
  private readonly vocabulary: Vocabulary;

  constructor(part: Part) {
    this.vocabulary = new Vocabulary([part]);
  }

  /** A function that gives a tensor; a record at the end of what it is given holds the options. */
  tensor<Given extends readonly unknown[]>(name: string): (...given: Given) => Tensor {
    const { vocabulary } = this;
    return (...given) => callByName(builderOf(name, given), name, given, vocabulary);
  }

  /** A function that gives a record of tensors. */
  record<Given extends readonly unknown[], Field extends string>(
    name: string,
  ): (...given: Given) => Readonly<Record<Field, Tensor>> {
    const { vocabulary } = this;
    return (...given) => {
      const builder = builderOf(name, given);
      const fields = builder.traced(() => [...vocabulary.callForRecord(requestOf(builder, name, given, vocabulary))]);
      return Object.fromEntries(fields.map(([field, term]) => [field, new Tensor(term)])) as Record<Field, Tensor>;
    };
  }
}

function builderOf(name: string, given: readonly unknown[]): Builder {
  const tensor = given.find((operand) => operand instanceof Tensor);
  return tensor?.term.builder ?? currentBuilder(name);
}
