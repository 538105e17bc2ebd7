import t from 'tap';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { flavour, repository } from '../lib/runtime.ts';

/**
 * Bytes of bytecode of what a good container needs, at most: core and create. On 2026-11-21 they were 209,023; what is
 * for errors, help and traces belongs into parts of its own.
 */
const limit = 215_000;

const size = (name: string): number => statSync(join(repository, `build/cmake/${name}.bytecode`)).size;

void t.test(
  'size: the parts that a good container needs are no larger than they have to be',
  { skip: flavour !== 'ocirun' && 'a promise of ocirun only' },
  async (t) => {
    const sum = size('core') + size('create');
    t.ok(sum <= limit, `${sum} bytes, at most ${limit}`);
    const [, read = ''] =
      /OCIRUN_LAZY "(.*)"/.exec(readFileSync(join(repository, 'build/settings.cmake'), 'utf8')) ?? [];
    for (const name of ['failure', 'diagnose', 'help', 'waits', 'trace'])
      t.ok(read.split(';').includes(name), `${name} is read only when it is asked for`);
  },
);
