import fc from 'fast-check';
import t from 'tap';
import { ioPriorityStep } from './io-priority.ts';
import { memoryPolicySteps, nodeMask } from './memory-policy.ts';
import { personalitySteps } from './personality.ts';
import { processPlan } from './process.ts';
import { schedulerStep } from './scheduler.ts';

const none = new Map<string, bigint>();

t.test('scheduler: numbers of sched_setattr(2)', async (t) => {
  t.match(schedulerStep({ policy: 'SCHED_BATCH', nice: 3 }, none), {
    op: 'scheduler',
    pointer: '/process/scheduler',
    nums: [3, 0, 3, 0, 0, 0, 0],
  });
  t.same(schedulerStep({ policy: 'SCHED_OTHER', nice: -2 }, none).nums, [0, 0, 0xfffffffe, 0, 0, 0, 0]);
  const flags = ['SCHED_FLAG_RESET_ON_FORK', 'SCHED_FLAG_UTIL_CLAMP_MAX'] as const;
  t.same(schedulerStep({ policy: 'SCHED_RR', priority: 9, flags }, none).nums, [2, 0x41, 0, 9, 0, 0, 0]);
  const exact = new Map([['/process/scheduler/deadline', 2n ** 63n + 1n]]);
  t.same(schedulerStep({ policy: 'SCHED_DEADLINE', runtime: 1, deadline: 2 ** 63, period: 3 }, exact).nums, [
    ...[6, 0, 0, 0, 1],
    ...[2n ** 63n + 1n, 3],
  ]);
  t.same(schedulerStep({ policy: 'SCHED_FIFO' }, none).nums[0], 1);
  t.same(schedulerStep({ policy: 'SCHED_IDLE' }, none).nums[0], 5);
});

t.test('ioPriority: class and level in one number', async (t) => {
  t.match(ioPriorityStep({ class: 'IOPRIO_CLASS_BE', priority: 4 }), {
    op: 'ioPriority',
    pointer: '/process/ioPriority',
    nums: [(2 << 13) | 4],
  });
  t.same(ioPriorityStep({ class: 'IOPRIO_CLASS_RT', priority: 0 }).nums, [1 << 13]);
  t.same(ioPriorityStep({ class: 'IOPRIO_CLASS_IDLE' }).nums, [3 << 13]);
});

t.test('personality: the execution domain', async (t) => {
  t.match(personalitySteps({ domain: 'LINUX32' }), [{ pointer: '/linux/personality', nums: [8] }]);
  t.match(personalitySteps({ domain: 'LINUX', flags: ['x'] }), [{ nums: [0] }]);
  t.same(personalitySteps({}), []);
});

t.test('memoryPolicy: mode with flags, and a mask of nodes', async (t) => {
  t.match(memoryPolicySteps({ mode: 'MPOL_BIND', nodes: '0-3,5' }), [
    { op: 'memoryPolicy', pointer: '/linux/memoryPolicy', nums: [2, 0x2fn] },
  ]);
  const flags = ['MPOL_F_STATIC_NODES', 'MPOL_F_NUMA_BALANCING'] as const;
  t.match(memoryPolicySteps({ mode: 'MPOL_WEIGHTED_INTERLEAVE', nodes: '1', flags }), [{ nums: [0xa006, 2n] }]);
  t.match(memoryPolicySteps({ mode: 'MPOL_LOCAL', nodes: '' }), [{ nums: [4] }]);
  t.match(memoryPolicySteps({ mode: 'MPOL_PREFERRED_MANY', flags: ['MPOL_F_RELATIVE_NODES'] }), [{ nums: [0x4005] }]);
  t.same(memoryPolicySteps({}), []);
});

t.test('nodes are bits, 64 a number', async (t) => {
  t.same(nodeMask('0,63,64'), [2n ** 63n + 1n, 1n]);
  t.same(nodeMask('130'), [0n, 0n, 4n]);
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(1023), { minLength: 1 }), (nodes) => {
      const words = nodeMask(nodes.join(','));
      const all = nodes.reduce((sum, node) => sum | (1n << BigInt(node)), 0n);
      t.equal(
        words.reduceRight<bigint>((sum, word) => (sum << 64n) | BigInt(word), 0n),
        all,
      );
    }),
  );
});

t.test('what needs privileges comes before they are given up, in runc’s order', async (t) => {
  const plan = processPlan(
    {
      ociVersion: '1.3.0',
      process: {
        cwd: '/',
        args: ['sh'],
        noNewPrivileges: true,
        scheduler: { policy: 'SCHED_BATCH' },
        ioPriority: { class: 'IOPRIO_CLASS_IDLE', priority: 0 },
      },
      linux: { personality: { domain: 'LINUX32' }, memoryPolicy: { mode: 'MPOL_LOCAL' } },
    },
    { bounding: { low: 0, high: 0 }, lastCapability: 40 },
    none,
    [],
  );
  const order = [
    'noNewPrivileges',
    'scheduler',
    'ioPriority',
    'personality',
    'memoryPolicy',
    'changeDirectory',
    'umask',
  ];
  t.same(plan.identity.map(({ op }) => op).slice(1, 1 + order.length), order);
});
