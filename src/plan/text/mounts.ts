import type { Step } from '../steps.ts';
import type { SlotName } from './steps.ts';
import { attributeOptions, type Num, propagationName, quoted } from './words.ts';

/** What a number is there for, if it is not 0. */
const when = (num: Num | undefined, text: string): string[] =>
  num === undefined || num === 0 ? [] : [num === 1 ? text : `${text} (${num})`];

const spread = (num: Num | undefined): string[] => (num ? [propagationName(num)] : []);

/** Options in groups, as `head: ro,nosuid; filesystem: mode=755`; groups of nothing are left out. */
function withOptions(
  head: string,
  options: readonly string[],
  data: readonly string[],
  rest: readonly string[],
): string {
  const groups = [
    ...(options.length > 0 ? [options.join(',')] : []),
    ...(data.length > 0 ? [`filesystem: ${data.map(quoted).join(',')}`] : []),
    ...rest,
  ];
  return groups.length === 0 ? head : `${head}: ${groups.join('; ')}`;
}

export function mountText({ nums, strs: [target = '', type = '', source = '', ...data] }: Step): string {
  const [attributes = 0, propagation, realDirectory, keepMode, copyUp, insideProc] = nums;
  const head = `${quoted(type)} on ${quoted(target)} (source ${quoted(source)})`;
  return withOptions(head, [...attributeOptions(attributes, 0), ...spread(propagation)], data, [
    ...when(keepMode, 'with the mode of what it covers'),
    ...when(copyUp, 'with a copy of what it covers'),
    ...when(realDirectory, 'through no symbolic link'),
    ...when(insideProc, 'may cover a part of /proc'),
  ]);
}

/** Attributes for the mount itself, then for all below it. */
const attributesOf = (nums: readonly Num[]): string[] => [
  ...attributeOptions(nums[0] ?? 0, nums[1] ?? 0),
  ...attributeOptions(nums[2] ?? 0, nums[3] ?? 0, 'r'),
];

export function attachText({ nums, strs: [target = '', ...more], slots: [, from = 0] }: Step, slot: SlotName): string {
  const [first, propagation, insideProc] = nums.slice(4);
  const head = `${slot(from)} on ${quoted(target)}`;
  return withOptions(head, [...attributesOf(nums), ...spread(propagation)], more, [
    ...spread(first).map((name) => `${name} before that`),
    ...when(insideProc, 'may cover a part of /proc'),
  ]);
}

export function remountText({ nums, strs: [target = '', ...data] }: Step): string {
  const [propagation, reconfigure] = nums.slice(4);
  const whole = when(reconfigure, 'its filesystem too');
  return withOptions(quoted(target), [...attributesOf(nums), ...spread(propagation)], data, whole);
}
