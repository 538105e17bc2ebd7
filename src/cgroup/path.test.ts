import t from 'tap';
import { cgroupDirectory } from './path.ts';

const rows: readonly [own: string, cgroupsPath: string | undefined, expected: string][] = [
  ['/', undefined, '/cg/box'],
  ['/a/b', undefined, '/cg/a/box'],
  ['/a/b', '/x/y', '/cg/x/y'],
  ['/a/b', 'x/y', '/cg/a/x/y'],
  ['/a/b', '', '/cg/a/box'],
  ['/a', '/x/../../../y//./z', '/cg/y/z'],
];

t.test('where the cgroup of a container is', async (t) => {
  for (const [own, path, expected] of rows)
    t.equal(cgroupDirectory('/cg', own, path, 'box'), expected, `${own} ${path}`);
});
