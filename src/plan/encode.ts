import type { Plan } from './build.ts';
import { layout } from './protocol.ts';
import { ops, type Step } from './steps.ts';

/** The addon's text encoder, handed in so that this file stays pure. */
export type EncodeText = (text: string) => Uint8Array;

const aligned = (length: number): number => (length + 7) & ~7;

/**
 * The plan as init reads it; the layout is in protocol.ts.
 *
 * The texts of all steps are encoded in one call (one for each of some hundred strings would cost more than all the
 * rest): where the whole has as many bytes as characters, everything is ASCII and each length is known.
 */
export function encodePlan(plan: Plan, encodeText: EncodeText): Uint8Array {
  const steps = [...plan.stage1, ...plan.stage2];
  const texts = steps.map((step) => `${[...step.strs, step.pointer].join('\0')}\0`);
  const all = texts.join('');
  const encoded = encodeText(all);
  const ascii = encoded.length === all.length;
  const lengthOf = ascii ? (text: string): number => text.length : (text: string): number => encodeText(text).length;
  const textLengths = texts.map(lengthOf);
  let length: number = layout.header;
  for (let index = 0; index < steps.length; index += 1)
    length += stepSize(steps[index] as Step, textLengths[index] as number);
  const bytes = new Uint8Array(length);
  const words = new Uint32Array(bytes.buffer);
  words.set([layout.magic, layout.version, plan.stage1.length, plan.stage2.length, length, 0]);
  let at = layout.header / 4;
  let begin = 0;
  for (let index = 0; index < steps.length; index += 1) {
    const step = steps[index] as Step;
    const textLength = textLengths[index] as number;
    const size = stepSize(step, textLength);
    const textAt = putNumbers(words, at, step, size, lengthOf);
    bytes.set(encoded.subarray(begin, begin + textLength), textAt * 4);
    begin += textLength;
    at += size / 4;
  }
  return bytes;
}

const stepSize = ({ nums, slots, strs }: Step, textLength: number): number =>
  aligned(layout.step + nums.length * 8 + (slots.length + strs.length + 1) * 4 + textLength);

/** Everything of a step but its texts; gives the word that they begin at. */
function putNumbers(
  words: Uint32Array,
  begin: number,
  step: Step,
  size: number,
  lengthOf: (text: string) => number,
): number {
  let at = begin;
  words[at++] = size;
  words[at++] = ops[step.op] | (step.slots.length << 16);
  words[at++] = step.nums.length;
  words[at++] = step.strs.length;
  for (const num of step.nums) {
    words[at++] = typeof num === 'bigint' ? Number(num & 0xffffffffn) : num >>> 0;
    words[at++] = typeof num === 'bigint' ? Number(num >> 32n) : Math.floor(num / 2 ** 32);
  }
  for (const slot of step.slots) words[at++] = slot;
  for (const text of step.strs) words[at++] = lengthOf(text);
  words[at++] = lengthOf(step.pointer);
  return at;
}
