import fc from 'fast-check';
import t from 'tap';
import { distance, nearest } from './suggest.ts';

t.test('a word is as far from another as it takes letters to change', async (t) => {
  const rows: readonly [string, string, number][] = [
    ['', '', 0],
    ['', 'abc', 3],
    ['netwrok', 'network', 1],
    ['kitten', 'sitting', 3],
    ['abc', 'ca', 3],
  ];
  for (const [from, to, steps] of rows) t.equal(distance(from, to), steps, `${from} ${to}`);
});

t.test('the distance is the same both ways, and 0 for the same word alone', async (t) => {
  fc.assert(
    fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (from, to) => {
      t.equal(distance(from, to), distance(to, from));
      t.equal(distance(from, to) === 0, from === to);
    }),
  );
});

t.test('what was meant is near, or a part, or written in another style', async (t) => {
  const known = ['network', 'noNewPrivileges', 'RLIMIT_NOFILE', 'RLIMIT_NPROC', 'pid', 'CAP_KILL'];
  const rows: readonly [string, string | undefined][] = [
    ['netwrok', 'network'],
    ['net', 'network'],
    ['no_new_privileges', 'noNewPrivileges'],
    ['nofile', 'RLIMIT_NOFILE'],
    ['RLIMIT_NOFILES', 'RLIMIT_NOFILE'],
    ['PID', 'pid'],
    ['kill', 'CAP_KILL'],
    ['xyz', undefined],
    ['', undefined],
    ['x'.repeat(1000), undefined],
  ];
  for (const [word, meant] of rows) t.equal(nearest(word, known), meant, word);
});

t.test('what all words begin with says nothing of which was meant', async (t) => {
  const known = ['RLIMIT_CPU', 'RLIMIT_NOFILE', 'RLIMIT_NPROC', 'RLIMIT_AS'];
  const rows: readonly [string, string | undefined][] = [
    ['RLIMIT_FOO', undefined],
    ['RLIMIT_', undefined],
    ['RLIMIT_NOFLIES', 'RLIMIT_NOFILE'],
    ['rlimit-nproc', 'RLIMIT_NPROC'],
    ['nproc', 'RLIMIT_NPROC'],
  ];
  for (const [word, meant] of rows) t.equal(nearest(word, known), meant, word);
  t.equal(nearest('MPOL_BOUND', ['MPOL_DEFAULT', 'MPOL_BIND', 'MPOL_LOCAL']), 'MPOL_BIND', 'the rest may differ more');
  t.equal(nearest('LINUX64', ['LINUX', 'LINUX32']), 'LINUX', 'a whole word is no beginning');
  t.equal(nearest('pathh', ['path']), 'path', 'a single word is all beginning');
});
