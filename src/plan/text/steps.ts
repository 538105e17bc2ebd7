import { kinds } from '../protocol.ts';
import { type Op, slots, type Step } from '../steps.ts';
import {
  ioPriorityText,
  limitsText,
  memoryPolicyText,
  personalityText,
  programText,
  schedulerText,
  type Told,
} from './operands.ts';
import { filterText } from './seccomp.ts';
import { mountText, attachText, remountText } from './mounts.ts';
import { capabilityList, deviceName, listed, namespaceNames, octal, propagationName, quoted } from './words.ts';
import type { Num } from './words.ts';

/** What is in a slot, in words. */
export type SlotName = (slot: number) => string;

const kindName = (num: Num = 0): string =>
  Object.entries(kinds).find(([, number]) => BigInt(num) === BigInt(number))?.[0] ?? `record ${num}`;

const path = ({ strs: [text = ''] }: Step): string => quoted(text);

const eachPath = ({ strs }: Step): Told => [
  strs.length === 1 ? '1 path, if it is there' : `${strs.length} paths, those that are there`,
  ...strs.map(quoted),
];

/** In its slot, where the kind of the step does not say which. */
const inSlot = ({ slots: list }: Step, name: SlotName): string => listed(list.map(name), 'no slot');

/** 1 and 0 of a number that says yes or no; anything else as it is. */
const either = (num: Num = 0, yes: string, no: string): string =>
  num === 1 ? yes : num === 0 ? no : `${yes} (${num})`;

const capabilitySets = ['effective', 'permitted', 'inheritable', 'ambient'];

const device = ({ strs: [at = ''], nums: [mode = 0, major = 0, minor = 0, uid = 0, gid = 0] }: Step): string =>
  `${quoted(at)}: ${deviceName(mode, major, minor)}, mode ${octal(BigInt(mode) & 0o7777n)}, owner ${uid}:${gid}`;

/** An offset as time_namespaces(7) has it: clock, seconds, nanoseconds. */
const offsetText = (line: string): string => {
  const [clock = '', seconds = '', nanoseconds = ''] = line.split(' ');
  return `${quoted(clock)}: ${quoted(seconds)} s, ${quoted(nanoseconds)} ns`;
};

const modeText = (mode: Num): string => (BigInt(mode) & 0o7777n ? `, mode ${octal(BigInt(mode) & 0o7777n)}` : '');

const user = ({ nums: [uid = 0, gid = 0, ...groups] }: Step): string =>
  `uid ${uid}, gid ${gid}, further groups: ${listed(groups.map(String), 'none')}`;

function runProgram({ nums: [count = 0, timeout = 0], strs }: Step): Told {
  const [program = '', before = '', behind = '', ...rest] = strs;
  const [args, environment] = [rest.slice(0, Number(count)), rest.slice(Number(count))];
  const [call, ...variables] = programText(args, environment);
  const limit = timeout ? `at most ${Number(timeout) / 1000} s` : 'as long as it takes';
  return [
    `${quoted(program)} as ${call} (arguments: ${count}), ${limit}`,
    `standard input: ${quoted(before)} PID ${quoted(behind)}`,
    ...variables,
  ];
}

function execute({ nums: [count = 0, home = 0], strs }: Step): Told {
  const [call, ...variables] = programText(strs.slice(0, Number(count)), strs.slice(Number(count)));
  const found = either(home, 'environment: HOME as it was found', '');
  return [call, ...variables, ...(found ? [found] : [])];
}

/** Every op in words; what `steps.ts` says of its operands is all here. */
export const stepTexts: Readonly<Record<Op, (step: Step, slot: SlotName) => Told>> = {
  await: ({ nums: [say, hear] }) => `tell the runtime "${kindName(say)}", wait for "${kindName(hear)}"`,
  clone: ({ nums: [flags = 0] }) => `the second stage, with new namespaces: ${namespaceNames(flags)}; then end`,
  tieToRuntime: () => 'be killed when the runtime dies',
  untieFromRuntime: () => 'live on when the runtime ends',
  resetAffinity: () => 'allow all CPUs',
  newSession: () => 'lead a session of its own',
  sessionKeyring: (step) => `new session keyring ${path(step)}`,
  loopbackUp: () => 'set the interface lo up',
  propagation: (step, slot) =>
    `${step.slots.length === 0 ? 'every mount' : inSlot(step, slot)}: ${propagationName(step.nums[0] ?? 0) || 'as it is'}`,
  openProc: (step, slot) => `a procfs of its own as ${inSlot(step, slot)}`,
  openRoot: (step, slot) => `a copy of the mount at ${path(step)} as ${inSlot(step, slot)}`,
  mount: mountText,
  attach: attachText,
  device,
  symlink: ({ strs: [content = '', at = ''] }) => `${quoted(at)} -> ${quoted(content)}`,
  pivot: (step, slot) => `make ${inSlot(step, slot)} the root, detach the old one`,
  moveRoot: (step, slot) =>
    `move the mount at ${path(step)} to / and chroot (${inSlot(step, slot)}); the host's procfs and sysfs are detached before`,
  rootReadonly: (step, slot) => inSlot(step, slot),
  mask: eachPath,
  readonlyPath: eachPath,
  hostname: path,
  domainname: path,
  umask: ({ nums: [mask = 0] }) => octal(mask),
  makeDirectory: (step) => `${path(step)}, if it is missing`,
  changeDirectory: (step) =>
    `${path(step)}${either(step.nums[0], ", with the user's rights, unless it is done", ", with the caller's rights; may fail")}`,
  noNewPrivileges: () => 'none by execve, ever',
  boundingSet: ({ nums: [mask = 0, last = 0] }) => [
    `keep these, up to ${last}, the kernel's last`,
    capabilityList(mask),
  ],
  user,
  capabilities: ({ nums }) => [
    'the sets of the program',
    ...nums.map((mask, index) => `${capabilitySets[index] ?? `set ${index}`}: ${capabilityList(mask)}`),
  ],
  findHome: ({ nums: [uid = 0] }) => `HOME of uid ${uid} in /etc/passwd, else /`,
  findProgram: ({ strs: [name = '', where = ''] }) => `${quoted(name)} on PATH ${quoted(where)}`,
  awaitStart: (step, slot) => `${inSlot(step, slot)}: open the fifo for writing, and so wait for start`,
  dumpable: ({ nums: [value = 0] }) => either(value, 'may be traced', 'nobody may trace it'),
  closeDescriptors: ({ nums: [first = 0] }) => `every one from ${first} on`,
  execute,
  limits: limitsText,
  remount: remountText,
  attachDevice: ({ nums: [mode = 0, major = 0, minor = 0], strs: [at = ''], slots: [, from = 0] }, slot) =>
    `${slot(from)} at ${quoted(at)}: ${deviceName(mode, major, minor)}${modeText(mode)}`,
  join: ({ nums: [type = 0, first = 0], strs: [at = ''], slots: [from = 0] }, slot) =>
    `${namespaceNames(type)} namespace ${quoted(at)} (${slot(from)})${either(first, '; a first try, EPERM is no failure', '')}`,
  timeOffsets: ({ strs }) => ['a new time namespace', ...strs.map(offsetText)],
  openDirectory: (step, slot) => `${path(step)} as ${inSlot(step, slot)}`,
  chroot: (step, slot) => `into ${inSlot(step, slot)}`,
  oomScoreAdj: path,
  sysctl: ({ strs: [name = '', value = ''] }) => `${quoted(name)} = ${quoted(value)}`,
  scheduler: schedulerText,
  ioPriority: ioPriorityText,
  personality: personalityText,
  memoryPolicy: memoryPolicyText,
  runProgram,
  unshare: ({ nums: [flags = 0] }) => `new namespaces: ${namespaceNames(flags)}`,
  seccomp: filterText,
};

/** The slots that every plan has, in words. */
export const fixedSlots: Readonly<Record<number, string>> = {
  [slots.root]: 'the root mount',
  [slots.proc]: 'its procfs',
  [slots.fifo]: 'exec.fifo',
};
