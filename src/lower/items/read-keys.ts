import type { Integer } from "../../ir/integer.ts";

/** More nodes than a graph can have in memory. */
const nodesOfAPlace = 2 ** 26;

/**
 * Numbers that tell reads apart: what reads one node of one graph at equal indices has the same. Places, which are graphs and
 * indices, are numbered as they are met. Most reads are at the place of the one before, and need no text to be made.
 */
export class ReadKeys {
  private readonly places = new Map<string, number>();
  private lastIndex: readonly Integer[] | undefined;
  private lastFrame = 0;
  private lastPlace = 0;

  /** `frame`: the number of the graph that the id is of. Scalars of the first have their ids. */
  of(id: number, index: readonly Integer[], frame = 0): number {
    if (index !== this.lastIndex || frame !== this.lastFrame) {
      this.lastPlace = index.length === 0 && frame === 0 ? 0 : this.placeOf(index, frame);
      this.lastIndex = index;
      this.lastFrame = frame;
    }
    return this.lastPlace * nodesOfAPlace + id;
  }

  private placeOf(index: readonly Integer[], frame: number): number {
    let text = index.length === 1 ? index[0]!.key : index.map(({ key }) => key).join(",");
    if (frame > 0) text = `${frame}:${text}`;
    let place = this.places.get(text);
    if (place === undefined) {
      place = this.places.size + 1;
      this.places.set(text, place);
    }
    return place;
  }
}
