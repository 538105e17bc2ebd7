import type { Plan } from './build.ts';
import { layout } from './protocol.ts';
import { ops, type Step } from './steps.ts';

/** The addon's text encoder, handed in so that this file stays pure. */
export type EncodeText = (text: string) => Uint8Array;

interface Text {
  /** The operands and the pointer, a NUL behind each. */
  readonly bytes: Uint8Array;
  readonly lengths: number[];
}

const aligned = (length: number): number => (length + 7) & ~7;

/** The plan as init reads it; the layout is in protocol.ts. */
export function encodePlan(plan: Plan, encodeText: EncodeText): Uint8Array {
  const steps = [...plan.stage1, ...plan.stage2];
  const texts = encodeTexts(steps, encodeText);
  let length = layout.header;
  const sizes = steps.map((step, index) => {
    const size = stepSize(step, texts[index] as Text);
    length += size;
    return size;
  });
  const bytes = new Uint8Array(length);
  const words = new Uint32Array(bytes.buffer);
  words.set([layout.magic, layout.version, plan.stage1.length, plan.stage2.length, length, 0]);
  let at = layout.header;
  steps.forEach((step, index) => {
    putStep(bytes, words, at, step, texts[index] as Text, sizes[index] as number);
    at += sizes[index] as number;
  });
  return bytes;
}

/**
 * The texts of all steps, encoded in one call (a call for each of some hundred strings costs more than all the rest).
 * Where the whole has as many bytes as characters, everything is ASCII and the lengths are known.
 */
function encodeTexts(steps: readonly Step[], encodeText: EncodeText): Text[] {
  const joined = steps.map((step) => `${[...step.strs, step.pointer].join('\0')}\0`);
  const all = encodeText(joined.join(''));
  const length = joined.reduce((sum, text) => sum + text.length, 0);
  if (all.length !== length) return steps.map((step, index) => encodeOne(step, joined[index] as string, encodeText));
  let at = 0;
  return steps.map((step, index) => {
    const begin = at;
    at += (joined[index] as string).length;
    return { bytes: all.subarray(begin, at), lengths: [...step.strs.map((text) => text.length), step.pointer.length] };
  });
}

const encodeOne = (step: Step, joined: string, encodeText: EncodeText): Text => ({
  bytes: encodeText(joined),
  lengths: [...step.strs, step.pointer].map((text) => encodeText(text).length),
});

function stepSize(step: Step, text: Text): number {
  const numbers = step.nums.length * 8 + (step.slots.length + text.lengths.length) * 4;
  return aligned(layout.step + numbers + text.bytes.length);
}

function putStep(bytes: Uint8Array, words: Uint32Array, begin: number, step: Step, text: Text, size: number): void {
  let at = begin / 4;
  words[at++] = size;
  words[at++] = ops[step.op] | (step.slots.length << 16);
  words[at++] = step.nums.length;
  words[at++] = step.strs.length;
  for (const num of step.nums) {
    words[at++] = typeof num === 'bigint' ? Number(num & 0xffffffffn) : num >>> 0;
    words[at++] = typeof num === 'bigint' ? Number(num >> 32n) : Math.floor(num / 2 ** 32);
  }
  for (const slot of step.slots) words[at++] = slot;
  for (const length of text.lengths) words[at++] = length;
  bytes.set(text.bytes, at * 4);
}
