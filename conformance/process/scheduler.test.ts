import { conformance } from '../lib/conformance.ts';
import { probing, type Edit } from '../lib/config.ts';
import { sinceRunc } from '../lib/version.ts';

const scope = { unless: sinceRunc('1.2.0') };
const scheduler = (value: unknown): Edit => {
  return (config) => void (config.process['scheduler'] = value);
};
const second = 1_000_000_000;

/** What is asked for, and what sched_getattr(2) tells then. */
const policies: readonly (readonly [string, Record<string, unknown>, Record<string, number>])[] = [
  ['SCHED_OTHER with nice', { policy: 'SCHED_OTHER', nice: 5 }, { policy: 0, nice: 5 }],
  ['SCHED_OTHER with the lowest nice', { policy: 'SCHED_OTHER', nice: -20 }, { policy: 0, nice: -20 }],
  ['SCHED_OTHER with the highest nice', { policy: 'SCHED_OTHER', nice: 19 }, { policy: 0, nice: 19 }],
  ['SCHED_OTHER alone', { policy: 'SCHED_OTHER' }, { policy: 0, nice: 0 }],
  ['SCHED_BATCH with nice', { policy: 'SCHED_BATCH', nice: 7 }, { policy: 3, nice: 7 }],
  ['SCHED_IDLE', { policy: 'SCHED_IDLE' }, { policy: 5, priority: 0 }],
  ['SCHED_FIFO with a priority', { policy: 'SCHED_FIFO', priority: 7 }, { policy: 1, priority: 7 }],
  ['SCHED_FIFO with the highest priority', { policy: 'SCHED_FIFO', priority: 99 }, { policy: 1, priority: 99 }],
  ['SCHED_RR with a priority', { policy: 'SCHED_RR', priority: 1 }, { policy: 2, priority: 1 }],
  [
    'SCHED_DEADLINE',
    { policy: 'SCHED_DEADLINE', runtime: 0.01 * second, deadline: 0.02 * second, period: 0.1 * second },
    { policy: 6, runtime: 0.01 * second, deadline: 0.02 * second, period: 0.1 * second },
  ],
  [
    'SCHED_FLAG_RESET_ON_FORK',
    { policy: 'SCHED_FIFO', priority: 3, flags: ['SCHED_FLAG_RESET_ON_FORK'] },
    { policy: 1, priority: 3, flags: 1 },
  ],
  [
    'several flags',
    {
      policy: 'SCHED_DEADLINE',
      runtime: 0.01 * second,
      deadline: 0.02 * second,
      period: 0.02 * second,
      flags: ['SCHED_FLAG_RECLAIM', 'SCHED_FLAG_DL_OVERRUN'],
    },
    { policy: 6, flags: 6 },
  ],
];

for (const [name, value, expected] of policies)
  conformance(
    `scheduler: ${name}`,
    (t, box) => {
      t.match(box.report([scheduler(value)]).scheduler, expected);
    },
    scope,
  );

conformance(
  'scheduler: an ordinary user has it though it may not set it',
  (t, box) => {
    const user: Edit = (config) => void (config.process.user = { uid: 1000, gid: 1000 });
    t.match(box.report([scheduler({ policy: 'SCHED_RR', priority: 9 }), user]).scheduler, { policy: 2, priority: 9 });
  },
  scope,
);

conformance('scheduler: absent, the caller’s stays', (t, box) => {
  t.match(box.report([], { through: ['chrt', '--batch', '0', 'nice', '-n', '4'] }).scheduler, { policy: 3, nice: 4 });
});

const wrong: readonly (readonly [string, unknown, RegExp])[] = [
  ['no policy', { nice: 1 }, /policy/],
  ['an empty policy', { policy: '' }, /policy/],
  ['an unknown policy', { policy: 'SCHED_BOGUS' }, /SCHED_BOGUS|policy must be one of/],
  ['a policy that the kernel has not got', { policy: 'SCHED_ISO' }, /SCHED_ISO|scheduler/],
  [
    'an unknown flag',
    { policy: 'SCHED_OTHER', flags: ['SCHED_FLAG_BOGUS'] },
    /SCHED_FLAG_BOGUS|flags.* must be one of/,
  ],
  ['a nice that is too low', { policy: 'SCHED_OTHER', nice: -21 }, /nice.*-21/],
  ['a nice that is too high', { policy: 'SCHED_BATCH', nice: 20 }, /nice.*20/],
  ['a priority for SCHED_OTHER', { policy: 'SCHED_OTHER', priority: 1 }, /priority/],
  ['a priority for SCHED_IDLE', { policy: 'SCHED_IDLE', priority: 1 }, /priority/],
  ['a runtime for SCHED_FIFO', { policy: 'SCHED_FIFO', priority: 1, runtime: 1000 }, /runtime/],
  ['a deadline for SCHED_OTHER', { policy: 'SCHED_OTHER', deadline: 1000 }, /deadline/],
  ['a period for SCHED_RR', { policy: 'SCHED_RR', priority: 1, period: 1000 }, /period/],
  ['SCHED_FIFO without a priority', { policy: 'SCHED_FIFO' }, /priority|scheduler/],
  ['a priority above 99', { policy: 'SCHED_FIFO', priority: 100 }, /priority|scheduler/],
  [
    'a runtime that is longer than the deadline',
    { policy: 'SCHED_DEADLINE', runtime: 2 * second, deadline: second, period: second },
    /runtime|deadline|scheduler/i,
  ],
];

for (const [name, value, text] of wrong)
  conformance(
    `scheduler: ${name} is refused`,
    (t, box) => {
      const result = box.call(['create', '--bundle', box.bundle(scheduler(value), probing('exit', '0')), box.id()]);
      t.equal(result.status, 1);
      t.match(result.stderr, text);
      t.strictSame(box.ids(), []);
    },
    scope,
  );
