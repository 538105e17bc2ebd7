import type { Spec } from '../spec/types.ts';
import { type Refusal, type Warning, broken, noEffect } from './finding.ts';
import { asksForSomething } from './not-supported.ts';
import { isAmong } from './words.ts';

/** What each policy of sched(7) takes (config.md "Linux Process", scheduler). */
export function schedulerFitsPolicy({ process }: Spec): Refusal[] {
  const scheduler = process?.scheduler;
  if (!scheduler) return [];
  const { policy, nice = 0, priority = 0 } = scheduler;
  const pointer = '/process/scheduler';
  const refusals: Refusal[] = [];
  if (isAmong(' SCHED_OTHER SCHED_BATCH ', policy) && (nice < -20 || nice > 19))
    refusals.push(
      broken(`${pointer}/nice`, `invalid scheduler.nice: ${nice} when scheduler.policy is ${policy}: it is -20 to 19`, {
        expected: '-20 to 19',
      }),
    );
  if (priority !== 0 && !isAmong(' SCHED_FIFO SCHED_RR ', policy))
    refusals.push(
      broken(`${pointer}/priority`, 'scheduler.priority can only be specified for SchedFIFO or SchedRR policy', {
        expected: '0',
      }),
    );
  if (policy === 'SCHED_DEADLINE') return refusals;
  const message = 'scheduler runtime/deadline/period can only be specified for SchedDeadline policy';
  const given = (['runtime', 'deadline', 'period'] as const).filter((name) => (scheduler[name] ?? 0) !== 0);
  return [...refusals, ...given.map((name) => broken(`${pointer}/${name}`, message, { expected: '0' }))];
}

/** sched_setattr(2): a real-time policy has a priority. */
export function realTimeHasAPriority({ process }: Spec): Refusal[] {
  const { policy = '', priority = 0 } = process?.scheduler ?? {};
  if (!isAmong(' SCHED_FIFO SCHED_RR ', policy) || (priority >= 1 && priority <= 99)) return [];
  const message = `invalid scheduler.priority: ${priority} when scheduler.policy is ${policy}`;
  return [broken('/process/scheduler/priority', message, { expected: '1 to 99' })];
}

/** sched_setattr(2), SCHED_DEADLINE: "runtime <= deadline <= period", each at least 1024 ns; no period is the deadline. */
export function deadlineIsPossible({ process }: Spec): Refusal[] {
  const { policy, runtime = 0, deadline = 0, period = 0 } = process?.scheduler ?? {};
  if (policy !== 'SCHED_DEADLINE') return [];
  const pointer = '/process/scheduler';
  if (runtime < 1024)
    return [broken(`${pointer}/runtime`, `invalid scheduler.runtime: ${runtime}`, { expected: '1024 (ns) or more' })];
  if (deadline < runtime)
    return [
      broken(`${pointer}/deadline`, `scheduler.deadline ${deadline} is less than scheduler.runtime ${runtime}`, {
        expected: `${runtime} or more`,
      }),
    ];
  if (period === 0 || period >= deadline) return [];
  return [
    broken(`${pointer}/period`, `scheduler.period ${period} is less than scheduler.deadline ${deadline}`, {
      expected: `${deadline} or more`,
    }),
  ];
}

/** SCHED_ISO has a number, and no kernel has it (sched(7)). */
export const policyExists = ({ process }: Spec): Refusal[] =>
  process?.scheduler?.policy === 'SCHED_ISO'
    ? [broken('/process/scheduler/policy', 'no kernel has the scheduling policy SCHED_ISO')]
    : [];

/** ioprio_set(2) knows eight priorities in each class. */
export function ioPriorityIsInRange({ process }: Spec): Refusal[] {
  const priority = process?.ioPriority?.priority ?? 0;
  if (priority >= 0 && priority <= 7) return [];
  return [
    broken('/process/ioPriority/priority', `invalid ioPriority.Priority: ${priority}: it is 0 to 7`, {
      expected: '0 to 7',
    }),
  ];
}

/** proc(5), oom_score_adj. */
export function oomScoreAdjIsInRange({ process }: Spec): Refusal[] {
  const score = process?.oomScoreAdj ?? 0;
  if (score >= -1000 && score <= 1000) return [];
  return [
    broken('/process/oomScoreAdj', `invalid oomScoreAdj: ${score}: it is -1000 to 1000`, { expected: '-1000 to 1000' }),
  ];
}

/** Nodes that a kernel may have at most (CONFIG_NODES_SHIFT is 10 at most). */
const nodeLimit = 1024;

/** What each mode of set_mempolicy(2) takes. */
export function memoryPolicyHasItsNodes({ linux }: Spec): Refusal[] {
  const policy = linux?.memoryPolicy;
  if (!policy || !asksForSomething(policy)) return [];
  const { mode, nodes = '' } = policy;
  if (!mode)
    return [broken('/linux/memoryPolicy', 'memory policy mode is required', { hint: 'give linux.memoryPolicy.mode' })];
  const pointer = '/linux/memoryPolicy/nodes';
  if (!isNodeList(nodes))
    return [
      broken(pointer, `invalid memory policy nodes "${nodes}"`, {
        expected: `numbers and ranges below ${nodeLimit}, such as 0-3,5`,
      }),
    ];
  if (isAmong(' MPOL_DEFAULT MPOL_LOCAL ', mode) && nodes !== '')
    return [
      broken(pointer, `memory policy mode ${mode} requires 0 nodes but got "${nodes}"`, { expected: 'no nodes' }),
    ];
  if (isAmong(' MPOL_BIND MPOL_INTERLEAVE MPOL_PREFERRED_MANY MPOL_WEIGHTED_INTERLEAVE ', mode) && nodes === '')
    return [
      broken(pointer, `memory policy mode ${mode} requires at least one node but got 0`, {
        expected: 'numbers and ranges, such as 0-3,5',
      }),
    ];
  return [];
}

/** set_mempolicy(2): what it refuses with EINVAL. */
export function memoryPolicyFlagsFit({ linux }: Spec): Refusal[] {
  const { mode = '', flags = [] } = linux?.memoryPolicy ?? {};
  const pointer = '/linux/memoryPolicy/flags';
  if (mode === '') return [];
  const [balancing, relative] = [flags.indexOf('MPOL_F_NUMA_BALANCING'), flags.indexOf('MPOL_F_RELATIVE_NODES')];
  return [
    ...(balancing >= 0 && !isAmong(' MPOL_BIND MPOL_PREFERRED_MANY ', mode)
      ? [
          broken(`${pointer}/${balancing}`, `memory policy mode ${mode} cannot have MPOL_F_NUMA_BALANCING`, {
            expected: 'MPOL_BIND or MPOL_PREFERRED_MANY',
          }),
        ]
      : []),
    ...(relative >= 0 && flags.includes('MPOL_F_STATIC_NODES')
      ? [
          broken(
            `${pointer}/${relative}`,
            'the memory policy flags MPOL_F_RELATIVE_NODES and MPOL_F_STATIC_NODES exclude each other',
          ),
        ]
      : []),
  ];
}

/** Numbers and ranges of them: "0-3,5". */
function isNodeList(nodes: string): boolean {
  if (nodes === '') return true;
  return nodes.split(',').every((range) => {
    const [, first = '', last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(range) ?? [];
    return first !== '' && Number(first) <= Number(last) && Number(last) < nodeLimit;
  });
}

/** "domain (string, REQUIRED)" (config-linux.md "Personality"): the schema of the specification forgot it. */
export function personalityHasADomain({ linux }: Spec): Refusal[] {
  const personality = linux?.personality;
  if (!personality || personality.domain || !asksForSomething(personality)) return [];
  return [broken('/linux/personality', 'personality domain is required', { hint: 'give linux.personality.domain' })];
}

/** config-linux.md defines no flag of a personality yet. */
export function personalityFlagsAreIgnored({ linux }: Spec): Warning[] {
  const flags = linux?.personality?.flags ?? [];
  if (flags.length === 0) return [];
  return [noEffect('/linux/personality/flags', `ignoring unsupported personality flags: ${flags.join(' ')}`)];
}
