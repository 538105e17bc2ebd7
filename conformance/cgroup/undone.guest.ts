/** An update that fails leaves everything as it was, in the files and in systemd's unit. */
import { execFileSync } from 'node:child_process';
import { conformance } from '../lib/conformance.ts';
import { disk } from './cases.ts';
import { bySystemd, create, limits, resources, type Limited } from './limited.ts';

const MiB = 1 << 20;
const { major, minor } = disk;

type Values = Readonly<Record<string, string>>;

const found = (limited: Limited, files: Values): Values =>
  Object.fromEntries(Object.keys(files).map((file) => [file, limited.read(file)]));

const before = resources({
  memory: { limit: 64 * MiB, reservation: 16 * MiB, swap: 96 * MiB },
  cpu: { quota: 30_000, period: 50_000, shares: 262_144, cpus: '0' },
  pids: { limit: 30 },
  blockIO: { throttleReadBpsDevice: [{ major, minor, rate: MiB }] },
});

const untouched: Values = {
  'memory.max': `${64 * MiB}`,
  'memory.low': `${16 * MiB}`,
  'memory.swap.max': `${32 * MiB}`,
  'cpu.max': '30000 50000',
  'cpu.weight': '10000',
  'cpuset.cpus': '0',
  'pids.max': '30',
  'io.max': `${major}:${minor} rbps=${MiB} wbps=max riops=max wiops=max`,
};

// All of these are written before what fails.
const others = {
  memory: { limit: 70 * MiB, reservation: 8 * MiB, swap: 80 * MiB },
  cpu: { quota: 10_000, period: 20_000, shares: 2 },
  pids: { limit: 40 },
};

const failures: readonly (readonly [what: string, wanted: object, says: RegExp])[] = [
  [
    'a block device that there is none of',
    {
      ...others,
      blockIO: {
        throttleReadBpsDevice: [
          { major, minor, rate: 5 },
          { major: 250, minor: 7, rate: 5 },
        ],
      },
    },
    /throttleReadBpsDevice\/1: write 250:7 rbps=5 to \S+\/io\.max: no such device/,
  ],
  ['a CPU that there is none of', { ...others, cpu: { ...others.cpu, cpus: '0,77' } }, /\/cpu\/cpus: write 0,77 to/],
  [
    'a value that a file does not take',
    { ...others, unified: { 'memory.high': 'much' } },
    /\/unified\/memory\.high: unable to set unified resource "memory\.high": .*invalid argument/,
  ],
  ['a file that there is none of', { ...others, unified: { 'memory.none': '1' } }, /memory\.none.*no such file/],
  [
    'a limit below what is in use',
    { ...others, memory: { limit: 4096, swap: 4096, checkBeforeUpdate: true } },
    /rejecting memory(\+swap)? limit 4096 <= usage \d+/,
  ],
];

conformance(
  `${limits}: an update that fails leaves the old values`,
  (t, box) => {
    const limited = create(box, [before]);
    const update = (wanted: object) =>
      box.call(['update', '-r', box.file('resources', JSON.stringify(wanted)), limited.id]);
    t.strictSame(found(limited, untouched), untouched);
    for (const [what, wanted, says] of failures) {
      const { status, stderr } = update(wanted);
      t.equal(status, 1, what);
      t.match(stderr, says, what);
      t.notMatch(stderr, 'while undoing', what);
      t.strictSame(found(limited, untouched), untouched, what);
    }
    if (bySystemd) execFileSync('systemctl', ['daemon-reload']);
    t.strictSame(found(limited, untouched), untouched, 'systemd has not got the new ones either');
  },
  { only: 'ocirun' },
);

const idle: readonly (readonly [had: object, wanted: object, files: Values])[] = [
  [{ shares: 2000 }, { idle: 1 }, { 'cpu.idle': '0', 'cpu.weight': '170' }],
  [{ idle: 1 }, { idle: 0, shares: 2000 }, { 'cpu.idle': '1' }],
];

conformance(
  `${limits}: idleness that is taken back takes the weight along`,
  (t, box) => {
    idle.forEach(([had, wanted, files], index) => {
      const limited = create(box, [resources({ cpu: had })], `idle${index}`);
      const text = JSON.stringify({ cpu: wanted, unified: { 'memory.high': 'much' } });
      const { status, stderr } = box.call(['update', '-r', box.file('resources', text), limited.id]);
      t.equal(status, 1);
      t.match(stderr, 'memory.high');
      t.notMatch(stderr, 'while undoing');
      t.strictSame(found(limited, files), files);
      if (bySystemd) execFileSync('systemctl', ['daemon-reload']);
      t.strictSame(found(limited, files), files, 'systemd knows it, too');
    });
  },
  { only: 'ocirun' },
);
