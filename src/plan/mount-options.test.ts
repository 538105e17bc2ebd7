import t from 'tap';
import { attr, propagation } from './mount-flags.ts';
import { mountOptions } from './mount-options.ts';

const rows: readonly [options: string[], attributes: number, propagation: number, data: string[]][] = [
  [[], 0, 0, []],
  [['defaults', '', 'silent', 'iversion'], 0, 0, []],
  [['nosuid', 'noexec', 'nodev', 'ro'], attr.nosuid | attr.noexec | attr.nodev | attr.rdonly, 0, ['ro']],
  [['ro', 'rw'], 0, 0, []],
  [['nosuid', 'suid'], 0, 0, []],
  [['noatime', 'strictatime'], attr.strictatime, 0, []],
  [['strictatime', 'relatime'], 0, 0, []],
  [
    ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
    attr.nosuid | attr.strictatime,
    0,
    ['mode=755', 'size=65536k'],
  ],
  [['newinstance', 'gid=5'], 0, 0, ['newinstance', 'gid=5']],
  [['shared', 'private'], 0, propagation.private, []],
  [['sync', 'async', 'lazytime'], 0, 0, ['lazytime']],
  [['ro', 'ro'], attr.rdonly, 0, ['ro']],
  [['constructor', '__proto__'], 0, 0, ['constructor', '__proto__']],
];

t.test('option strings become attributes, propagation and data', async (t) => {
  for (const [options, attributes, spread, data] of rows)
    t.same(mountOptions(options), { attributes, propagation: spread, data }, options.join(',') || '(none)');
});
