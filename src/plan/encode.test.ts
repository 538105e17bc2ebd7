import fc from 'fast-check';
import t from 'tap';
import { decodeStep } from './decode.ts';
import { encodePlan } from './encode.ts';
import { layout } from './protocol.ts';
import { type Op, ops, type Step } from './steps.ts';

const encodeText = (text: string): Uint8Array => new TextEncoder().encode(text);
const decodeText = (bytes: Uint8Array): string =>
  new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
const planOf = (stage1: Step[], stage2: Step[]) =>
  ({ stage1, stage2, sources: [], order: 'clone', warnings: [] }) as const;

const text = fc.string({ unit: 'grapheme' }).map((value) => value.replaceAll('\0', ''));
const step: fc.Arbitrary<Step> = fc.record({
  op: fc.constantFrom(...(Object.keys(ops) as Op[])),
  pointer: text,
  slots: fc.array(fc.nat(255), { maxLength: 3 }),
  nums: fc.array(fc.maxSafeNat(), { maxLength: 5 }),
  strs: fc.array(text, { maxLength: 5 }),
});

const sorted = (value: Step | undefined) =>
  value && { op: value.op, pointer: value.pointer, slots: value.slots, nums: value.nums, strs: value.strs };

t.test('what is encoded can be read back, step by step', async (t) => {
  const property = fc.property(fc.array(step, { maxLength: 5 }), fc.array(step, { maxLength: 5 }), (stage1, stage2) => {
    const bytes = encodePlan(planOf(stage1, stage2), encodeText);
    const steps = [...stage1, ...stage2];
    return (
      new DataView(bytes.buffer).getUint32(16, true) === bytes.length &&
      steps.every(
        (wanted, index) =>
          JSON.stringify(sorted(decodeStep(bytes, index, decodeText))) === JSON.stringify(sorted(wanted)),
      ) &&
      decodeStep(bytes, steps.length, decodeText) === undefined
    );
  });
  fc.assert(property);
  t.pass('round trip');
});

t.test('numbers of 64 bits keep all of them', async (t) => {
  const plan = planOf(
    [{ op: 'await', pointer: '', slots: [], nums: [0xfedcba9876543210n, 2 ** 53 - 1, -5, 2 ** 32], strs: [] }],
    [],
  );
  const view = new DataView(encodePlan(plan, encodeText).buffer);
  t.equal(view.getBigUint64(layout.header + layout.step, true), 0xfedcba9876543210n);
  t.equal(view.getBigUint64(layout.header + layout.step + 8, true), 2n ** 53n - 1n);
  t.equal(view.getBigInt64(layout.header + layout.step + 16, true), -5n);
  t.equal(view.getBigUint64(layout.header + layout.step + 24, true), 2n ** 32n);
});

t.test('words are numbers behind the others', async (t) => {
  const words = Uint32Array.of(0x15, 0xc000003e, 6, 0x7fff0000);
  const plan = planOf([], [{ op: 'seccomp', pointer: '/p', slots: [7], nums: [4, 1], words, strs: ['a'] }]);
  const bytes = encodePlan(plan, encodeText);
  const nums = [4, 1, 0x15 + 0xc000003e * 2 ** 32, 6 + 0x7fff0000 * 2 ** 32];
  t.same(decodeStep(bytes, 0, decodeText), { op: 'seccomp', pointer: '/p', slots: [7], nums, strs: ['a'] });
  t.equal(new DataView(bytes.buffer).getUint32(16, true), bytes.length);
});

t.test('bytes that are no plan have no steps', async (t) => {
  t.equal(decodeStep(new Uint8Array(8), 0, decodeText), undefined);
  t.equal(decodeStep(new Uint8Array(64), 0, decodeText), undefined);
});

t.test('of damaged bytes a step is read within its bounds, or there is none', async (t) => {
  const whole = [
    { op: 'mount', pointer: '/mounts/1', slots: [0, 9], nums: [1, 2 ** 40], strs: ['a', 'bc', ''] },
  ] as const;
  const encoded = encodePlan(planOf([...whole], [...whole]), encodeText);
  const damage = fc.array(fc.tuple(fc.nat(encoded.length - 1), fc.oneof(fc.nat(255), fc.constant(0xff))), {
    maxLength: 6,
  });
  const loose = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
  const property = fc.property(damage, fc.nat(3), fc.nat(encoded.length), (changes, index, cut) => {
    const bytes = encoded.slice(0, cut % 2 === 0 ? cut : encoded.length);
    for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
    const found = decodeStep(bytes, index, loose);
    return found === undefined || [...found.strs, found.pointer].join('').length <= bytes.length;
  });
  fc.assert(property, { numRuns: 5000 });
  t.pass('no step beyond its bounds');
});

t.test('op numbers are unique and 16 bits wide', async (t) => {
  const numbers = Object.values(ops);
  t.equal(new Set(numbers).size, numbers.length);
  t.ok(numbers.every((number) => number > 0 && number < 0x10000));
});
