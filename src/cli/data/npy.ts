import { counted } from "../../ir/counted.ts";
import { DataError } from "../../ir/errors.ts";

/** An array of NumPy's, row-major. */
export interface NpyArray {
  readonly data: Float64Array;
  readonly shape: readonly number[];
}

type Reader = (view: DataView, at: number, little: boolean) => number;

/** By NumPy's letter and bytes: how an element is read. */
const elements: Readonly<Record<string, Reader>> = {
  f8: (view, at, little) => view.getFloat64(at, little),
  f4: (view, at, little) => view.getFloat32(at, little),
  i1: (view, at) => view.getInt8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  i8: (view, at, little) => exact(view.getBigInt64(at, little)),
  u1: (view, at) => view.getUint8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  u8: (view, at, little) => exact(view.getBigUint64(at, little)),
  b1: (view, at) => view.getUint8(at),
};

function exact(value: bigint): number {
  const number = Number(value);
  if (BigInt(number) === value) return number;
  throw new DataError(`the whole number ${value} has no exact form in float64.`);
}

/**
 * Reads NumPy's .npy format, versions 1 to 3: reals, whole numbers and conditions of any byte order, both orders of
 * axes. Throws DataError. Source: numpy.lib.format.
 */
export function readNpy(file: string, bytes: Uint8Array): NpyArray {
  const fail = (why: string) => new DataError(`${file} is no .npy array that can be read: ${why}.`);
  const isNpy =
    bytes.length >= 10 && bytes[0] === 0x93 && Buffer.from(bytes.subarray(1, 6)).toString("latin1") === "NUMPY";
  if (!isNpy) throw fail(bytes.length === 0 ? "it is empty" : "it does not begin as one");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isShort = bytes[6] === 1;
  const begin = isShort ? 10 : 12;
  if (bytes.length < begin) throw fail("it is cut short");
  const length = isShort ? view.getUint16(8, true) : view.getUint32(8, true);
  const header = Buffer.from(bytes.subarray(begin, begin + length)).toString("utf8");
  const type = /'descr':\s*'([<>|=])([a-zA-Z]\d+)'/.exec(header);
  const shapeText = /'shape':\s*\(([\d\s,]*)\)/.exec(header)?.[1];
  if (!type || shapeText === undefined)
    throw fail(`its elements are not plain numbers (${header.trim().slice(0, 60)})`);
  const read = elements[type[2]!];
  if (!read) throw fail(`it holds elements of type ${type[2]}; real, whole and bool types are read`);
  const shape = (shapeText.match(/\d+/g) ?? []).map(Number);
  const count = shape.reduce((product, size) => product * size, 1);
  const width = Number(type[2]!.slice(1));
  const first = begin + length;
  if (bytes.length < first + count * width) throw fail(`it needs ${counted(count, "element")} and is cut short`);
  const little = type[1] !== ">";
  const data = new Float64Array(count);
  for (let k = 0; k < count; k++) data[k] = read(view, first + k * width, little);
  return { data: /'fortran_order':\s*True/.test(header) ? rowMajor(data, shape) : data, shape };
}

/** Elements with the first axis fastest, in the order with the last axis fastest. */
function rowMajor(data: Float64Array, shape: readonly number[]): Float64Array {
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, size) => product * size, 1));
  const out = new Float64Array(data.length);
  const index = shape.map(() => 0);
  for (let k = 0; k < out.length; k++) {
    out[k] = data[index.reduce((at, i, axis) => at + i * strides[axis]!, 0)]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
  return out;
}
