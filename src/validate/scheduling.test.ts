import fc from 'fast-check';
import t from 'tap';
import { nodeMask } from '../plan/memory-policy.ts';
import type { Linux, Process, Spec } from '../spec/types.ts';
import type { Refusal } from './finding.ts';
import {
  ioPriorityIsInRange,
  memoryPolicyHasItsNodes,
  oomScoreAdjIsInRange,
  personalityFlagsAreIgnored,
  personalityHasADomain,
  schedulerFitsPolicy,
} from './scheduling.ts';

const process = (rest: Partial<Process>): Spec => ({ ociVersion: '1.3.0', process: { cwd: '/', ...rest } });
const linux = (rest: Linux): Spec => ({ ociVersion: '1.3.0', linux: rest });
const told = (refusals: readonly Refusal[]): string[] =>
  refusals.map(({ details, message }) => `${details.pointer}: ${message}`);
const empty: Spec = { ociVersion: '1.3.0' };

t.test('a scheduler has what its policy takes', async (t) => {
  const rule = (scheduler: Process['scheduler']): string[] =>
    told(schedulerFitsPolicy(process(scheduler ? { scheduler } : {})));
  t.same(rule(undefined), []);
  t.same(schedulerFitsPolicy(empty), []);
  t.same(rule({ policy: 'SCHED_OTHER', nice: -20 }), []);
  t.same(rule({ policy: 'SCHED_BATCH', nice: 19 }), []);
  t.same(rule({ policy: 'SCHED_FIFO', priority: 99 }), []);
  t.same(rule({ policy: 'SCHED_DEADLINE', runtime: 1, deadline: 2, period: 3 }), []);
  t.same(rule({ policy: 'SCHED_BATCH', nice: 20 }), [
    '/process/scheduler/nice: invalid scheduler.nice: 20 when scheduler.policy is SCHED_BATCH: it is -20 to 19',
  ]);
  t.match(rule({ policy: 'SCHED_OTHER', nice: -21 }), [/^\/process\/scheduler\/nice: invalid scheduler\.nice: -21/]);
  t.same(rule({ policy: 'SCHED_DEADLINE', priority: 1 }), [
    '/process/scheduler/priority: scheduler.priority can only be specified for SchedFIFO or SchedRR policy',
  ]);
  const deadline = 'scheduler runtime/deadline/period can only be specified for SchedDeadline policy';
  t.same(rule({ policy: 'SCHED_RR', runtime: 0, deadline: 2, period: 3 }), [
    `/process/scheduler/deadline: ${deadline}`,
    `/process/scheduler/period: ${deadline}`,
  ]);
});

t.test('an input and output priority is 0 to 7', async (t) => {
  const rule = (priority: number): string[] =>
    told(ioPriorityIsInRange(process({ ioPriority: { class: 'IOPRIO_CLASS_BE', priority } })));
  t.same([...rule(0), ...rule(7), ...told(ioPriorityIsInRange(empty))], []);
  t.match(rule(8), [/^\/process\/ioPriority\/priority: invalid ioPriority\.Priority: 8/]);
  t.equal(rule(-1).length, 1);
});

t.test('an oom score is -1000 to 1000', async (t) => {
  const rule = (oomScoreAdj: number): string[] => told(oomScoreAdjIsInRange(process({ oomScoreAdj })));
  t.same([...rule(-1000), ...rule(1000), ...told(oomScoreAdjIsInRange(empty))], []);
  t.match(rule(1001), [/^\/process\/oomScoreAdj: invalid oomScoreAdj: 1001/]);
  t.equal(rule(-1001).length, 1);
});

t.test('a memory policy has the nodes that its mode takes', async (t) => {
  const rule = (memoryPolicy: Linux['memoryPolicy']): string[] =>
    told(memoryPolicyHasItsNodes(linux(memoryPolicy ? { memoryPolicy } : {})));
  const good = [{}, { mode: 'MPOL_DEFAULT' }, { mode: 'MPOL_LOCAL', nodes: '' }, { mode: 'MPOL_PREFERRED' }] as const;
  for (const policy of [...good, { mode: 'MPOL_BIND', nodes: '0-3,5' } as const, undefined]) t.same(rule(policy), []);
  t.same(rule({ nodes: '0' }), ['/linux/memoryPolicy: memory policy mode is required']);
  t.same(rule({ mode: 'MPOL_LOCAL', nodes: '0' }), [
    '/linux/memoryPolicy/nodes: memory policy mode MPOL_LOCAL requires 0 nodes but got "0"',
  ]);
  for (const mode of ['MPOL_BIND', 'MPOL_INTERLEAVE', 'MPOL_PREFERRED_MANY', 'MPOL_WEIGHTED_INTERLEAVE'] as const)
    t.match(rule({ mode }), [/requires at least one node but got 0$/], mode);
  for (const nodes of ['x', '1-', '-1', '3-1', '1,,2', ',', ' 1', '1 ', '1024', '0-1024', '99999999999', '0x1'])
    t.same(rule({ mode: 'MPOL_BIND', nodes }), [`/linux/memoryPolicy/nodes: invalid memory policy nodes "${nodes}"`]);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(1023), fc.nat(1023)), { minLength: 1 }), (ranges) => {
      const nodes = ranges.map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`).join(',');
      t.same(rule({ mode: 'MPOL_BIND', nodes }), []);
      t.ok(nodeMask(nodes).length <= 16);
    }),
  );
});

t.test('a personality has a domain; its flags are not looked at', async (t) => {
  t.same(personalityHasADomain(linux({ personality: { domain: 'LINUX' } })), []);
  t.same(personalityHasADomain(linux({ personality: {} })), []);
  t.same(personalityHasADomain(empty), []);
  const flagged = linux({ personality: { flags: ['A', 'B'] } });
  t.same(told(personalityHasADomain(flagged)), ['/linux/personality: personality domain is required']);
  t.same(told(personalityFlagsAreIgnored(flagged)), [
    '/linux/personality/flags: ignoring unsupported personality flags: A B',
  ]);
  t.same(personalityFlagsAreIgnored(empty), []);
});
