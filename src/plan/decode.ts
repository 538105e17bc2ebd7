import { layout } from './protocol.ts';
import { type Op, ops, type Step } from './steps.ts';

/** The addon's text decoder, handed in so that this file stays pure. */
export type DecodeText = (bytes: Uint8Array) => string;

/**
 * One step of an encoded plan, by its index over both stages; undefined where there is none.
 * Numbers beyond 2^53 come rounded: this is for messages.
 */
export function decodeStep(bytes: Uint8Array, index: number, decodeText: DecodeText): Step | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < layout.header || view.getUint32(0, true) !== layout.magic) return undefined;
  if (view.getUint32(4, true) !== layout.version) return undefined;
  let at = layout.header;
  for (let left = index; left > 0 && at + layout.step <= bytes.length; left -= 1) {
    const size = view.getUint32(at, true);
    if (size < layout.step) return undefined;
    at += size;
  }
  if (at + layout.step > bytes.length || at + view.getUint32(at, true) > bytes.length) return undefined;
  return fits(view, at) ? readStep(view, bytes, at, decodeText) : undefined;
}

/** Whether the operands lie within their step: a saved plan may have been damaged. */
function fits(view: DataView, begin: number): boolean {
  const end = begin + view.getUint32(begin, true);
  const strs = view.getUint32(begin + 12, true) + 1;
  const lengths = begin + layout.step + 8 * view.getUint16(begin + 8, true) + 4 * view.getUint16(begin + 6, true);
  let at = lengths + 4 * strs;
  let left = strs;
  // Every string has a NUL at least: there are no more of them than bytes.
  for (; left > 0 && at + left <= end; left -= 1) at += view.getUint32(lengths + 4 * (strs - left), true) + 1;
  return left === 0 && at <= end;
}

function readStep(view: DataView, bytes: Uint8Array, begin: number, decodeText: DecodeText): Step | undefined {
  const number = view.getUint16(begin + 4, true);
  const op = (Object.keys(ops) as Op[]).find((name) => ops[name] === number);
  if (op === undefined) return undefined;
  let at = begin + layout.step;
  const word = (): number => {
    at += 4;
    return view.getUint32(at - 4, true);
  };
  const many = <T>(count: number, read: () => T): T[] => Array.from({ length: count }, read);
  const nums = many(view.getUint16(begin + 8, true), () => word() + word() * 2 ** 32);
  const slots = many(view.getUint16(begin + 6, true), word);
  const lengths = many(view.getUint32(begin + 12, true) + 1, word);
  const texts = lengths.map((length) => {
    at += length + 1;
    return decodeText(bytes.subarray(at - length - 1, at - 1));
  });
  return { op, nums, slots, pointer: texts.pop() ?? '', strs: texts };
}
