import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { returnValue } from '../actions.ts';
import { architectures } from '../architectures.ts';
import type { ArchitectureName, Condition, Profile } from '../profile.ts';
import { callNames, numberOf } from '../syscalls.ts';
import { peerFolder } from './profiles.ts';

/** enum scmp_compare of seccomp.h. */
const operators = [
  '',
  'SCMP_CMP_NE',
  'SCMP_CMP_LT',
  'SCMP_CMP_LE',
  'SCMP_CMP_EQ',
  'SCMP_CMP_GE',
  'SCMP_CMP_GT',
  'SCMP_CMP_MASKED_EQ',
];

const words = ({ index, op, value, valueTwo = 0 }: Condition): string =>
  `${index}:${operators.indexOf(op)}:${value.toString(16)}:${valueTwo.toString(16)}`;

/** The rules of a profile as runc hands them to libseccomp (libcontainer/seccomp/seccomp_linux.go). */
function ruleLines({ defaultAction, defaultErrnoRet, syscalls = [] }: Profile): string[] {
  const otherwise = returnValue(defaultAction, defaultErrnoRet, '', '');
  return syscalls.flatMap(({ names, action, errnoRet, args = [] }) => {
    const value = returnValue(action, errnoRet, '', '');
    if (value === otherwise) return [];
    const twice = new Set(args.map(({ index }) => index)).size < args.length;
    const lists = twice ? args.map((one) => [one]) : [args];
    return names.flatMap((name) =>
      lists.map((list) => ['rule', value.toString(16), name, ...list.map(words)].join(' ')),
    );
  });
}

/** libseccomp's own names for architectures: without SCMP_ARCH_, in small letters. */
const libraryName = (name: ArchitectureName): string => name.slice('SCMP_ARCH_'.length).toLowerCase();

/** What libseccomp makes of a profile: a program, how long it took if asked, or why not. */
export interface Peer {
  readonly program?: Uint32Array;
  readonly nanoseconds?: number;
  readonly error?: string;
}

/** libseccomp writes the program as the architecture's memory has it; the helper reads it as ours has it. */
function instruction(text: string, little: boolean): [number, number] {
  const [code, jt, jf, k] = text.split(':').map((word) => parseInt(word, 16)) as [number, number, number, number];
  const view = new DataView(new ArrayBuffer(8));
  view.setUint16(0, code, true);
  view.setUint32(4, k, true);
  return [(view.getUint16(0, little) | (jt << 16) | (jf << 24)) >>> 0, view.getUint32(4, little)];
}

function ask(lines: readonly string[]): string[] {
  const { stdout, status } = spawnSync(join(peerFolder(), 'libseccomp-bpf'), {
    input: `${lines.join('\n')}\n`,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  if (status !== 0) throw new Error(`libseccomp-bpf ended with ${status}`);
  return stdout.trimEnd().split('\n');
}

/** The number that libseccomp has for each call on an architecture, and ours; below 0 where there is none. */
export function libseccompNumbers(name: ArchitectureName): [call: string, ours: number, theirs: number][] {
  const lines = ask(callNames.map((call) => `number ${libraryName(name)} ${call}`));
  return callNames.map((call, at) => [call, numberOf(architectures[name], call), Number(lines[at]?.split(' ')[1])]);
}

/**
 * libseccomp's programs for profiles, with the machine's own architecture in them if it is listed.
 * @param rounds how often it is to make each of them, to see how long that takes
 */
export function libseccompPrograms(profiles: readonly Profile[], rounds = 0): Peer[] {
  const text = profiles.map((profile) => {
    const { defaultAction, defaultErrnoRet, architectures: listed = [], syscalls = [] } = profile;
    const names = syscalls.reduce((count, { names }) => count + names.length, 0);
    const begin = `begin ${returnValue(defaultAction, defaultErrnoRet, '', '').toString(16)} ${names > 32 ? 1 : 0}`;
    const native = listed.includes('SCMP_ARCH_X86_64') ? [] : ['native 0'];
    const added = listed.map((name) => `arch ${libraryName(name)}`);
    return [begin, ...native, ...added, ...ruleLines(profile), `end ${rounds}`].join('\n');
  });
  const result: Peer[] = [];
  let nanoseconds = 0;
  for (const line of ask(text)) {
    const [kind, ...rest] = line.split(' ');
    if (kind === 'time') nanoseconds = Number(rest[0]);
    else if (kind === 'error') result.push({ error: rest.join(' ') });
    else {
      const [name = 'SCMP_ARCH_X86_64'] = profiles[result.length]?.architectures ?? [];
      const { little } = architectures[name];
      result.push({ program: Uint32Array.from(rest.flatMap((word) => instruction(word, little))), nanoseconds });
    }
  }
  return result;
}
