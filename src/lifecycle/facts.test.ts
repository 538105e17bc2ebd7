import t from 'tap';
import { readFacts } from './facts.ts';

const names: Record<number, string> = { 2: 'ENOENT', 13: 'EACCES', 20: 'ENOTDIR' };
const facts = (...parts: string[]) =>
  readFacts(new TextEncoder().encode(parts.join('\0')), {
    show: (bytes) => new TextDecoder().decode(bytes),
    errnoName: (errno) => names[errno] ?? `E${errno}`,
  });

t.test('a detail without facts is only about something', async (t) => {
  t.same(facts('/x'), { about: '/x', looks: [], others: new Map() });
  t.same(facts('').about, '');
});

t.test('a path: its links, where it ends, and in which directory', async (t) => {
  const { about, looks, self, kernel, limits } = facts(
    '/bin/x',
    'self 3e8 3e9 20 1ffffffffff',
    'system 3e 2 1000',
    'limits 800000 ffffffffffffffff',
    'program /bin/x',
    'link /bin/x',
    'to ../opt/my tool',
    'stop 2 /opt/my tool',
    'within 41ed 0 0 1 /opt/',
    'statvfs 1',
  );
  t.equal(about, '/bin/x');
  t.same(self, { uid: 1000, gid: 1001, effective: 0x20, bounding: 0x1ffffffffff });
  t.same(kernel, { machine: 62, seccomp: 2, page: 4096 });
  t.equal(limits?.stack, 8 << 20);
  t.same(looks, [
    {
      word: 'program',
      path: '/bin/x',
      links: [{ path: '/bin/x', to: '../opt/my tool' }],
      stop: { errno: 'ENOENT', path: '/opt/my tool' },
      parent: { path: '/opt/', mode: 0o40755, uid: 0, gid: 0, member: true, flags: 1 },
    },
  ]);
});

t.test('files: what the kernel says to them, and what they say of themselves', async (t) => {
  const { looks } = facts(
    '/s',
    'program /s',
    'file 81ed 0 5 0 /s',
    'statvfs 8',
    'execute 0',
    'begins 14 23212f62696e2f73',
    'line 1 #!/bin/sh -e',
    'interpreter /bin/sh',
    'file 81a4 1 0 0 /bin/sh',
    'execute d',
    'read d',
    'loader /lib/ld',
    'begins 10 0',
    'elf 2 1 3 b7',
    'filecaps 1 4000 0',
  );
  t.same(
    looks.map(({ word, path }) => [word, path]),
    [
      ['program', '/s'],
      ['interpreter', '/bin/sh'],
      ['loader', '/lib/ld'],
    ],
  );
  t.match(looks[0], { access: '', size: 20, begins: '23212f62696e2f73', line: { whole: true, text: '#!/bin/sh -e' } });
  t.match(looks[0]?.file, { flags: 8, gid: 5, member: false });
  t.match(looks[1], { access: 'EACCES', read: 'EACCES', file: { uid: 1 } });
  t.match(looks[2], { begins: '0000000000000000', elf: { bits: 2, order: 1, type: 3, machine: 183 } });
  t.match(looks[2], { capabilities: { effective: true, permitted: 0x4000, inheritable: 0 } });
});

t.test('what is of no path stands for itself; a way without a name is one', async (t) => {
  const { looks, others } = facts('/x', 'stop 14 /x', 'call move_mount', 'tree 81a4', 'cut');
  t.match(looks, [{ word: '', stop: { errno: 'ENOTDIR', path: '/x' } }]);
  t.same(others.get('call'), { numbers: [], text: 'move_mount' });
  t.same(others.get('tree'), { numbers: [0o100644], text: '' });
  t.ok(others.has('cut'));
});

t.test('a hook may write anything, even what looks like facts', async (t) => {
  for (const word of ['__proto__', 'constructor', 'toString', '__defineGetter__', '', ' '])
    t.equal(facts('exit status 1, stdout: ', `${word} 1 2`, word).about, 'exit status 1, stdout: ', word);
});
