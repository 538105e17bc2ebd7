import type { Spec } from '../spec/types.ts';
import { type Warning, noEffect } from './finding.ts';

/** Sections of config.json that are for what does not run here. */
const sections = ['solaris', 'windows', 'vm', 'zos', 'freebsd'] as const;

/** Whether a document has something for another platform. */
export const isForAnother = (spec: Spec): unknown =>
  spec.windows ??
  spec.vm ??
  spec.solaris ??
  spec.zos ??
  spec.freebsd ??
  spec.process?.commandLine ??
  spec.process?.user?.username;

/** "Windows-specific", "VM-specific" … (config.md "Platform-specific configuration"): not for Linux. */
export function otherPlatformsAreIgnored(spec: Spec): Warning[] {
  const { commandLine, user } = spec.process ?? {};
  return [
    ...sections
      .filter((name) => spec[name] !== undefined)
      .map((name) => noEffect(`/${name}`, `/${name} is for another platform: it has no effect`)),
    ...(commandLine ? [noEffect('/process/commandLine', 'process.commandLine is for Windows: it has no effect')] : []),
    ...(user?.username
      ? [
          noEffect('/process/user/username', 'process.user.username is for Windows: it has no effect', {
            hint: 'give the numbers of the user as uid and gid',
          }),
        ]
      : []),
  ];
}
