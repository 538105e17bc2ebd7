/** Random lists of rules, whose numbers are few enough for rules to meet each other. */
import fc from 'fast-check';
import type { DeviceRule } from '../../src/spec/types.ts';
import type { Wanted } from '../../src/plan/device-filter/simulator.ts';

const letters = fc.constantFrom('r', 'w', 'm', 'rw', 'rm', 'wm', 'rwm', 'mr', 'rr');
const numbers = [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 136, 200, 4095];
const number = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...numbers) },
  { weight: 1, arbitrary: fc.nat(1023) },
  { weight: 2, arbitrary: fc.constantFrom(undefined, -1) },
);

const ofDevices: fc.Arbitrary<DeviceRule> = fc
  .record({
    allow: fc.boolean(),
    type: fc.constantFrom('b', 'c', 'c'),
    major: number,
    minor: number,
    access: letters,
  })
  .map(({ major, minor, ...rule }) => ({
    ...rule,
    ...(major === undefined ? {} : { major }),
    ...(minor === undefined ? {} : { minor }),
  }));

const ofAll: fc.Arbitrary<DeviceRule> = fc.oneof(
  fc.record({ allow: fc.boolean(), access: fc.constant('rwm') }),
  fc.record({ allow: fc.boolean(), type: fc.constant('a'), access: letters, major: fc.constant(1) }),
);

export const ruleList: fc.Arbitrary<DeviceRule[]> = fc
  .tuple(
    fc.array(ofAll, { maxLength: 1 }),
    fc.array(fc.oneof({ weight: 12, arbitrary: ofDevices }, { weight: 1, arbitrary: ofAll }), { maxLength: 14 }),
  )
  .map(([first, more]) => [...first, ...more]);

/** Questions about the devices that the rules name, about those beside them, and about others. */
export function questions(rules: readonly DeviceRule[]): Wanted[] {
  const majors = new Set([0, 1, 5, 10, 136, 4095]);
  const minors = new Set([0, 3, 6, 200, 0xfffff]);
  for (const { major = -1, minor = -1 } of rules) {
    if (major >= 0) [major, major + 1].forEach((each) => majors.add(each));
    if (minor >= 0) [minor - 1, minor, minor + 1].forEach((each) => each >= 0 && minors.add(each));
  }
  const wanted: Wanted[] = [];
  for (const type of [1, 2])
    for (const major of majors)
      for (const minor of minors)
        for (let access = 0; access < 8; access += 1) wanted.push({ type, major, minor, access });
  return wanted;
}
