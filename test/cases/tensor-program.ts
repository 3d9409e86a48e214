/** A program of test/cases/tensor, given there in words: inputs, and what another tool found at them. */
export interface TensorProgram {
  readonly id: string;
  readonly inputs: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: readonly number[] }>>;
  readonly loss: number;
  readonly grad: Readonly<Record<string, readonly number[]>>;
  readonly v: Readonly<Record<string, readonly number[]>>;
  readonly hvp: Readonly<Record<string, readonly number[]>>;
}
