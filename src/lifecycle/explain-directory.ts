import { blockedWay, directoryName, notSearchable, ownedAs, typeOf, whoAtEnd } from './explain-way.ts';
import type { Explanation } from './explain-exec.ts';
import type { Facts, Look } from './facts.ts';

type Because = (look: Look, facts: Facts) => readonly [why: string, hint: string] | undefined;

const image = 'make the directory in the image';

/** The first part of the path that is not there, and the directory that was to get it. */
const unmade = ({ stop, parent }: Look): string =>
  `there is no ${stop?.path ?? ''}, and ${directoryName(parent?.path ?? '/')}`;

const notWritable: Because = (look, { self }) =>
  look.stop?.errno === 'ENOENT' && look.parent
    ? [`${unmade(look)} (${ownedAs(look.parent)}) may not be written to by ${whoAtEnd(self)}`, image]
    : undefined;

const blocked: Because = (look, { self }) => {
  const blame = blockedWay(look, self);
  return blame && [`it ${blame.says}`, blame.kind === 'missing' || blame.kind === 'link' ? image : blame.hint];
};

const unsearchable: Because = (look, { self }) => {
  const blame = notSearchable(look, self);
  return blame && [blame.says, blame.hint];
};

const noDirectory: Because = (look) =>
  look.file && !look.stop ? [`it leads to ${typeOf(look.file.mode)}`, 'name a directory in process.cwd'] : undefined;

const noRoom: Because = (look) => [`${unmade(look)} is on a filesystem without room`, image];

/** The links of /proc/PID/fd and the like are no paths (CVE-2024-21626): none is followed. */
const magic: Because = ({ stop, links }) =>
  stop?.errno !== 'ELOOP' && links.some(({ path }) => path.startsWith('/proc/'))
    ? ['it passes a link of /proc, which may lead out of the root filesystem', 'name a directory of the container']
    : undefined;

/** What may be behind an error, in the order of being asked. */
const table: Readonly<Record<string, readonly Because[]>> = {
  ENOENT: [blocked],
  ENOTDIR: [blocked, noDirectory],
  ELOOP: [magic, blocked],
  ENAMETOOLONG: [blocked],
  EACCES: [notWritable, blocked, unsearchable],
  EPERM: [notWritable],
  EOVERFLOW: [notWritable],
  EROFS: [(look) => [`${unmade(look)} is on a read-only filesystem`, image]],
  ENOSPC: [noRoom],
  EDQUOT: [noRoom],
  EXDEV: [() => ['it lies outside of the root filesystem', 'name a directory of the container in process.cwd']],
};

/** Why the working directory could not be made or entered. */
export function explainDirectory(errno: string, facts: Facts): Explanation | undefined {
  const look = facts.looks.find(({ word }) => word === 'directory');
  for (const because of look ? (table[errno] ?? []) : []) {
    const [why, hint] = because(look as Look, facts) ?? [];
    if (why !== undefined && hint !== undefined) return { code: 'E_CWD', why, hint };
  }
  return undefined;
}
