import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Action, ArchitectureName, Condition, Profile, Rule } from '../profile.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The folder of tools/seccomp/peer.sh, which is made if it is not there. */
export function peerFolder(): string {
  execFileSync(join(root, 'tools/seccomp/peer.sh'), { stdio: ['ignore', 'inherit', 'inherit'] });
  return join(root, 'build/seccomp/peer');
}

/** A rule as Docker's and Podman's files have it. */
interface FileRule extends Rule {
  readonly includes?: { readonly caps?: string[]; readonly arches?: string[] };
  readonly excludes?: { readonly caps?: string[]; readonly arches?: string[] };
}

interface ProfileFile {
  readonly defaultAction: Action;
  readonly defaultErrnoRet?: number;
  readonly syscalls: readonly FileRule[];
}

/** What of the capabilities that containers have by default the profiles ask for. */
const capabilities = ['CAP_AUDIT_WRITE', 'CAP_SYS_CHROOT'];
const amd64 = ['amd64', 'x32', 'x86'];
export const amd64Architectures: readonly ArchitectureName[] = ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'];

/** What an engine makes of its file on x86-64, for a container without privileges. */
function onAmd64({ defaultAction, defaultErrnoRet, syscalls }: ProfileFile): Profile {
  const counts = ({ includes, excludes }: FileRule): boolean =>
    (includes?.caps ?? []).every((one) => capabilities.includes(one)) &&
    (!includes?.arches?.length || includes.arches.some((one) => amd64.includes(one))) &&
    !(excludes?.caps ?? []).some((one) => capabilities.includes(one)) &&
    !(excludes?.arches ?? []).some((one) => amd64.includes(one));
  const rules = syscalls
    .filter(counts)
    .map(({ names, action, errnoRet, args }) => ({ names, action, errnoRet, args: args ?? [] }));
  return { defaultAction, defaultErrnoRet, architectures: amd64Architectures, syscalls: rules };
}

const goActions: { readonly [name: string]: Action } = { ActAllow: 'SCMP_ACT_ALLOW', ActErrno: 'SCMP_ACT_ERRNO' };
const goOperators: { readonly [name: string]: Condition['op'] } = {
  OpNotEqual: 'SCMP_CMP_NE',
  OpEqualTo: 'SCMP_CMP_EQ',
  OpMaskedEqual: 'SCMP_CMP_MASKED_EQ',
};
/** A number as containerd's source has it: with names of <sys/socket.h> and <sched.h>. */
const goValue = (text: string): number =>
  text.includes('AF_VSOCK') ? 40 : text.includes('CLONE_') ? 0x7e020000 : Number(text);

function goRules(text: string): Rule[] {
  const block =
    /Names:\s*\[\]string\{([^}]*)\},\s*Action:\s*specs\.(\w+),\s*(?:ErrnoRet: &nosys|Args:\s*\[\]specs\.LinuxSeccompArg\{(\}|\s*\{[^}]*\}))/g;
  return [...text.matchAll(block)].map(([, names = '', action = '', args]): Rule => {
    const value = /Value:\s*(.*),/.exec(args ?? '')?.[1];
    const op = goOperators[/Op:\s*specs\.(\w+)/.exec(args ?? '')?.[1] ?? ''];
    const index = Number(/Index:\s*(\d+)/.exec(args ?? '')?.[1]);
    return {
      names: [...names.matchAll(/"(\w+)"/g)].map(([, name]) => name as string),
      action: goActions[action] as Action,
      ...(args === undefined ? { errnoRet: 38 } : {}),
      args: value === undefined || op === undefined ? [] : [{ index, op, value: goValue(value), valueTwo: 0 }],
    };
  });
}

/** containerd's profile is code: the parts of it that count on x86-64, for a container without privileges. */
function containerd(source: string): Profile {
  const between = (from: string, to: string): string => {
    const start = source.indexOf(from);
    return source.slice(start, source.indexOf(to, start + from.length));
  };
  const parts = [
    between('syscalls := ', 's := &specs'),
    between('include by kernel version', 'include by arch'),
    between('case "amd64":\n\t\ts.', 'case "386"'),
    between('case "CAP_SYS_CHROOT"', 'case "CAP_SYS_MODULE"'),
    source.slice(source.indexOf('default:', source.indexOf('if !admin'))),
  ];
  return { defaultAction: 'SCMP_ACT_ERRNO', architectures: amd64Architectures, syscalls: parts.flatMap(goRules) };
}

/** The profiles that containers get by default on x86-64. */
export function engineProfiles(): { docker: Profile; podman: Profile; containerd: Profile } {
  const folder = peerFolder();
  const text = (name: string): string => readFileSync(join(folder, name), 'utf8');
  return {
    docker: onAmd64(JSON.parse(text('docker.json')) as ProfileFile),
    podman: onAmd64(JSON.parse(text('podman.json')) as ProfileFile),
    containerd: containerd(text('containerd.go')),
  };
}
