import type { Plan } from './build.ts';
import { layout } from './protocol.ts';
import { ops, type Step } from './steps.ts';

/** The addon's text encoder, handed in so that this file stays pure. */
export type EncodeText = (text: string) => Uint8Array;

/**
 * The plan as init reads it; the layout is in protocol.ts.
 *
 * The texts of all steps are encoded in one call (one for each of some hundred strings would cost more than all the
 * rest): where the whole has as many bytes as characters, everything is ASCII and each length is known. Loops by index,
 * because every run of a container waits for this.
 */
export function encodePlan(plan: Plan, encodeText: EncodeText): Uint8Array {
  const steps = [...plan.stage1, ...plan.stage2];
  const texts = steps.map(textOf);
  const all = texts.join('');
  const encoded = encodeText(all);
  const lengthOf = encoded.length === all.length ? undefined : (text: string): number => encodeText(text).length;
  const words = new Uint32Array(roomFor(steps, encoded.length) / 4);
  const bytes = new Uint8Array(words.buffer);
  let at = layout.header / 4;
  let begin = 0;
  for (let index = 0; index < steps.length; index += 1) {
    const text = texts[index] as string;
    const textAt = putNumbers(words, at, steps[index] as Step, lengthOf) * 4;
    const end = begin + (lengthOf ? lengthOf(text) : text.length);
    bytes.set(encoded.subarray(begin, end), textAt);
    const next = aligned(textAt + end - begin) / 4;
    words[at] = (next - at) * 4;
    at = next;
    begin = end;
  }
  words.set([layout.magic, layout.version, plan.stage1.length, plan.stage2.length, at * 4, 0]);
  return bytes.subarray(0, at * 4);
}

const aligned = (length: number): number => (length + 7) & ~7;

/** The strings of a step and its pointer, a NUL behind each. */
function textOf({ strs, pointer }: Step): string {
  let text = '';
  for (let index = 0; index < strs.length; index += 1) text += `${strs[index]}\0`;
  return `${text}${pointer}\0`;
}

/** As many bytes as the steps can take at the most. */
function roomFor(steps: readonly Step[], textLength: number): number {
  let room = layout.header + textLength;
  for (let index = 0; index < steps.length; index += 1) {
    const { nums, words, slots, strs } = steps[index] as Step;
    room += layout.step + nums.length * 8 + (slots.length + strs.length + 1) * 4 + 7;
    if (words) room += words.length * 4;
  }
  return aligned(room);
}

/** Bytes of a text, where that is not the number of its characters. */
type LengthOf = ((text: string) => number) | undefined;

/** Everything of a step but its length and its texts; gives the word that they begin at. */
function putNumbers(words: Uint32Array, begin: number, step: Step, lengthOf: LengthOf): number {
  const { nums, slots, strs } = step;
  words[begin + 1] = ops[step.op] | (slots.length << 16);
  words[begin + 2] = nums.length;
  words[begin + 3] = strs.length;
  let at = begin + layout.step / 4;
  for (let index = 0; index < nums.length; index += 1, at += 2) {
    const num = nums[index] as number | bigint;
    if (typeof num === 'number' && num >= 0 && num <= 0xffffffff) words[at] = num;
    else putLong(words, at, BigInt(num));
  }
  if (step.words) {
    words.set(step.words, at);
    words[begin + 2] = nums.length + step.words.length / 2;
    at += step.words.length;
  }
  for (let index = 0; index < slots.length; index += 1, at += 1) words[at] = slots[index] as number;
  for (let index = 0; index < strs.length; index += 1, at += 1) {
    const text = strs[index] as string;
    words[at] = lengthOf ? lengthOf(text) : text.length;
  }
  words[at] = lengthOf ? lengthOf(step.pointer) : step.pointer.length;
  return at + 1;
}

function putLong(words: Uint32Array, at: number, num: bigint): void {
  words[at] = Number(num & 0xffffffffn);
  words[at + 1] = Number(num >> 32n);
}
