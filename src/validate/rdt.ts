import type { Spec } from '../spec/types.ts';
import { type Refusal, broken } from './finding.ts';

/** The name of a directory of resctrl, or `/` for its root (config-linux.md "IntelRdt"); the text is runc's. */
export function closIsADirectory({ linux }: Spec): Refusal[] {
  const id = linux?.intelRdt?.closID ?? '';
  if (id === '/' || (id !== '.' && id !== '..' && !/[/\n]/.test(id))) return [];
  return [
    broken('/linux/intelRdt/closID', `invalid intelRdt.ClosID "${id}"`, {
      expected: 'the name of a directory of resctrl, or / for its root',
    }),
  ];
}

/** Lines of a schemata file have a resource and its values (the kernel's Documentation/filesystems/resctrl.rst). */
export const schemataAreLines = ({ linux }: Spec): Refusal[] =>
  (linux?.intelRdt?.schemata ?? []).flatMap((line, index) =>
    /^[^:\n]+:[^\n]*(\n[^:\n]+:[^\n]*)*\n?$/.test(line)
      ? []
      : [
          broken(`/linux/intelRdt/schemata/${index}`, `invalid line of intelRdt.schemata "${line}"`, {
            expected: 'a line of a schemata file, such as L3:0=7f0;1=1f',
          }),
        ],
  );
