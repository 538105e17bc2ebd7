import t from 'tap';
import { explainDirectory } from './explain-directory.ts';
import type { Facts, Look } from './facts.ts';

const facts = (more: Partial<Look>): Facts => ({
  about: '/w',
  looks: [{ word: 'directory', path: '/w', links: [], ...more }],
  self: { uid: 5, gid: 6, effective: 0, bounding: 0 },
  others: new Map(),
});
const at = (path: string, mode: number) => ({ path, mode, uid: 0, gid: 0, member: false });
const missing = { stop: { errno: 'ENOENT', path: '/w' }, parent: at('/', 0o40755) };

const cases: readonly (readonly [errno: string, look: Partial<Look>, why: string | undefined])[] = [
  ['ENOENT', missing, 'it does not exist'],
  ['ENOTDIR', { file: at('/w', 0o100644) }, 'it leads to a regular file'],
  [
    'ENOTDIR',
    { stop: { errno: 'ENOTDIR', path: '/a' }, file: at('/a', 0o20666) },
    'it cannot be reached: /a is a character device and cannot have anything in it',
  ],
  [
    'ELOOP',
    { stop: { errno: 'ELOOP', path: '/w' }, links: [{ path: '/w', to: 'w' }] },
    'it is a symbolic link that never ends: /w -> w',
  ],
  [
    'ELOOP',
    { ...missing, links: [{ path: '/proc/self/fd/7', to: '/host' }] },
    'it passes a link of /proc, which may lead out of the root filesystem',
  ],
  ['EXDEV', { file: at('/w', 0o40755) }, 'it lies outside of the root filesystem'],
  ['EACCES', { file: at('/w', 0o40700) }, 'user 5 with group 6 may not search /w (mode 0700, owner 0:0)'],
  [
    'EACCES',
    { stop: { errno: 'EACCES', path: '/p/w' }, parent: at('/p/', 0o40700) },
    'it cannot be reached: user 5 with group 6 may not search /p (mode 0700, owner 0:0)',
  ],
  ['EACCES', missing, 'there is no /w, and / (mode 0755, owner 0:0) may not be written to by user 5 with group 6'],
  ['EROFS', missing, 'there is no /w, and / is on a read-only filesystem'],
  ['ENOSPC', missing, 'there is no /w, and / is on a filesystem without room'],
  ['EIO', missing, undefined],
];

for (const [errno, look, why] of cases)
  t.test(`${errno}: ${why ?? 'nothing is known'}`, async (t) => {
    const found = explainDirectory(errno, facts(look));
    t.equal(found?.why, why);
    t.equal(found?.code, why === undefined ? undefined : 'E_CWD');
    if (found) t.ok(found.hint);
  });

t.test('a directory that is missing is one for the image, and links are to be repaired', async (t) => {
  const link = { ...missing, links: [{ path: '/w', to: '/n' }], stop: { errno: 'ENOENT', path: '/n' } };
  t.match(explainDirectory('ENOENT', facts(missing))?.hint, 'in the image');
  t.match(explainDirectory('ENOENT', facts(link))?.hint, 'in the image');
  const loop = { stop: { errno: 'ELOOP', path: '/w' }, links: [{ path: '/w', to: 'w' }] };
  t.match(explainDirectory('ELOOP', facts(loop))?.hint, 'repair the links');
});

t.test('without facts nothing is known', async (t) => {
  t.equal(explainDirectory('ENOENT', { about: '/w', looks: [], others: new Map() }), undefined);
});
