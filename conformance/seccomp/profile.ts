import { chmodSync, copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Edit } from '../lib/config.ts';
import { repository } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';

/** `linux.seccomp`, as much as the tests say of it. */
export interface Profile {
  defaultAction: string;
  defaultErrnoRet?: number;
  architectures?: string[];
  flags?: string[];
  listenerPath?: string;
  listenerMetadata?: string;
  syscalls?: Rule[];
}

interface Rule {
  names: string[];
  action: string;
  errnoRet?: number;
  args?: { index: number; value: number | bigint; valueTwo?: number | bigint; op: string }[];
}

/** The container gets this profile. */
export const filtering =
  (profile: Profile): Edit =>
  (config) =>
    void (config.linux['seccomp'] = profile);

/** Everything is allowed but for these rules. */
export const allowing = (...syscalls: Rule[]): Edit => filtering({ defaultAction: 'SCMP_ACT_ALLOW', syscalls });

/** What Docker gives a container without privileges (bench/configs/README.md). */
export const dockerProfile = (): Profile =>
  JSON.parse(readFileSync(join(repository, 'bench/configs/docker-seccomp.json'), 'utf8')) as Profile;

export const privileges =
  (noNewPrivileges: boolean): Edit =>
  (config) =>
    void (config.process.noNewPrivileges = noNewPrivileges);

/** Put a program that tools/conformance.sh compiles into the root filesystem. */
export function install(box: Sandbox, name: string): void {
  const target = join(box.rootfs(), name);
  copyFileSync(join(repository, 'build/conformance', name), target);
  chmodSync(target, 0o755);
}

/** What becomes of these system calls in a container (calls.c). */
export function answers(box: Sandbox, calls: readonly string[], ...edits: Edit[]): string[] {
  install(box, 'calls');
  const bundle = box.bundle((c) => void (c.process.args = ['/calls', ...calls]), ...edits);
  return JSON.parse(box.must(['run', '--bundle', bundle, box.id()]).stdout) as string[];
}
