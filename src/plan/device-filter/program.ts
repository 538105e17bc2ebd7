/**
 * A device filter as an eBPF program (BPF_PROG_TYPE_CGROUP_DEVICE): the kernel runs it whenever a process of the cgroup
 * opens a device or makes a node, and the program returns 1 to allow that, 0 to refuse it.
 *
 * Exceptions that differ in their numbers only are one group: what they have in common is asked once. In r0 waits the
 * answer for an exception, and whoever finds one goes to the last instruction. This is the program of a document that
 * denies everything (runc's has 64 instructions):
 *
 *        r1: struct bpf_cgroup_dev_ctx { u32 access_type; u32 major; u32 minor; }
 *
 *   ┌    r2 = access_type              which access is wanted, in its upper half; the type of the device in the lower
 *   │    r4 = major
 *   │    r5 = minor
 *   └    r0 = 1                        "allow" is the answer for an exception
 *   ┌    if r2 & (block) ──────────┐   group: character devices, every access
 *   │    if r4 = 136 ──────────────┼─▶ end
 *   │  ┌ if r4 ≠ 1 ─────────────┐  │
 *   │  │ if r5 = 3 ─────────────┼──┼─▶ end
 *   │  │ …                      │  │
 *   │  └                        ▼  │
 *   └    …                         ▼
 *   ┌    if r2 & (read, write) ────┐   group: devices of both types, nothing but mknod
 *   └    exit                      ▼
 *   ┌    r0 = 0                        "deny" is the answer for everything else
 *   └    exit                          end
 *
 * Where the rest is allowed, an exception refuses what wants any access of it; where the rest is denied, one exception
 * has to have every access that is wanted (security/device_cgroup.c, match_exception and match_exception_partial).
 */
import type { codes } from './instructions.ts';
import { encoded, end, type Instruction, instruction } from './instructions.ts';
import { any, type DeviceException, type DeviceFilter } from './rules.ts';

/** Where a program has what it asks about; r1 is the context. */
const registers = { answer: 0, context: 1, wanted: 2, major: 4, minor: 5 } as const;

/** BPF_DEVCG_DEV_*, as bits: a device has one of them. */
const typeBits = { b: 1, c: 2 } as const;
const bothTypes = 3;
const everyAccess = 7;

/** Exceptions for the same types with the same access; the minor numbers of each major number. */
interface Group {
  readonly types: number;
  readonly access: number;
  readonly minors: Map<number, number[]>;
}

/** The program of a filter; undefined where it has more exceptions than a program can have. */
export function deviceProgram({ allow, exceptions }: DeviceFilter): Uint8Array | undefined {
  const wide = exceptions.filter(({ major, minor }) => major === any || minor === any);
  const groups = grouped(exceptions.filter((exception) => !isCovered(exception, wide)));
  const [first] = groups;
  // What is allowed for all is no exception: nothing would come to the end of such a program.
  if (!first || (!allow && isEverything(first))) return encoded(answer(allow || first !== undefined));
  const body = groups.flatMap((group) => groupTests(group, allow));
  const uses = (register: number): boolean =>
    body.some(({ code, destination }) => destination === register && code !== 'exit');
  return encoded([
    load(registers.wanted, 0),
    ...(uses(registers.major) ? [load(registers.major, 4)] : []),
    ...(uses(registers.minor) ? [load(registers.minor, 8)] : []),
    instruction('set', registers.answer, allow ? 0 : 1),
    ...body,
    ...answer(allow),
  ]);
}

const load = (register: number, offset: number): Instruction =>
  instruction('load', register, 0, offset, registers.context);

const answer = (allow: boolean): Instruction[] => [
  instruction('set', registers.answer, allow ? 1 : 0),
  instruction('exit'),
];

/** Whether there is a wider exception that says the same. */
const isCovered = (exception: DeviceException, wide: readonly DeviceException[]): boolean =>
  wide.some(
    ({ type, major, minor, access, rule }) =>
      rule !== exception.rule &&
      type === exception.type &&
      (major === any || major === exception.major) &&
      (minor === any || minor === exception.minor) &&
      (exception.access & ~access) === 0,
  );

/** The groups: the one with the most access first, as devices are opened more often than made. */
function grouped(exceptions: readonly DeviceException[]): Group[] {
  const types = new Map<string, number>();
  const nameOf = ({ major, minor, access }: DeviceException): string => `${major}:${minor} ${access}`;
  for (const each of exceptions) types.set(nameOf(each), (types.get(nameOf(each)) ?? 0) | typeBits[each.type]);
  const groups = new Map<number, Group>();
  for (const each of exceptions) {
    const name = nameOf(each);
    const ofTypes = types.get(name);
    // The other type has had it.
    if (ofTypes === undefined) continue;
    types.delete(name);
    const place = each.access * (bothTypes + 1) + ofTypes;
    const group = groups.get(place) ?? { types: ofTypes, access: each.access, minors: new Map<number, number[]>() };
    groups.set(place, group);
    const minors = group.minors.get(each.major);
    if (minors) minors.push(each.minor);
    else group.minors.set(each.major, [each.minor]);
  }
  return [...groups].sort(([one], [other]) => other - one).map(([, group]) => group);
}

const isEverything = ({ types, access, minors }: Group): boolean =>
  types === bothTypes && access === everyAccess && minors.get(any)?.includes(any) === true;

/** Whether the device is in the group; whatever is not goes on behind it. */
function groupTests(group: Group, allow: boolean): Instruction[] {
  const tests = numberTests(group.minors);
  const otherType = bothTypes & ~group.types;
  if (!allow) {
    const other = otherType | ((everyAccess & ~group.access) << 16);
    return [...(other === 0 ? [] : [skip('ifAnyBit', registers.wanted, other, tests)]), ...tests];
  }
  const access = [
    instruction('ifAnyBit', registers.wanted, group.access << 16, 1),
    skip('jump', 0, 0, tests),
    ...tests,
  ];
  return [...(otherType === 0 ? [] : [skip('ifAnyBit', registers.wanted, otherType, access)]), ...access];
}

const skip = (
  code: keyof typeof codes,
  register: number,
  immediate: number,
  what: readonly Instruction[],
): Instruction => instruction(code, register, immediate, what.length);

function numberTests(minors: Group['minors']): Instruction[] {
  if (minors.get(any)?.includes(any)) return [instruction('exit')];
  const whole = [...minors].filter(([, those]) => those.includes(any)).map(([major]) => major);
  const parts = [...minors].filter(([, those]) => !those.includes(any)).sort(([one], [other]) => one - other);
  return [...rangeTests(registers.major, whole), ...parts.flatMap(([major, those]) => minorTests(major, those))];
}

function minorTests(major: number, minors: readonly number[]): Instruction[] {
  const tests = rangeTests(registers.minor, minors);
  return major === any ? tests : [skip('ifNot', registers.major, major, tests), ...tests];
}

/** Whether a number is one of these; those that follow each other are a range. */
function rangeTests(register: number, numbers: readonly number[]): Instruction[] {
  const sorted = [...numbers].sort((one, other) => one - other);
  const tests: Instruction[] = [];
  for (let at = 0; at < sorted.length;) {
    const from = sorted[at] ?? 0;
    let to = from;
    while (sorted[at + 1] === to + 1) [at, to] = [at + 1, to + 1];
    at += 1;
    tests.push(...rangeTest(register, from, to));
  }
  return tests;
}

function rangeTest(register: number, from: number, to: number): Instruction[] {
  if (from === to) return [instruction('ifEqual', register, from, end)];
  const most = instruction('ifAtMost', register, to, end);
  return from === 0 ? [most] : [instruction('ifBelow', register, from, 1), most];
}
