/** nabla/random: random numbers as values, functions of a key. */
export { bernoulli, dropout, normal, randomInt, type Stream, uniform } from "./build/entries/random.ts";
