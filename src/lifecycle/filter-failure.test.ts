import t from 'tap';
import { OcirunError } from '../errors/error.ts';
import type { Step } from '../plan/steps.ts';
import type { Native } from '../sys/native.ts';

const [newListener, waitKillable] = [8, 32];

/** A kernel before 5.19. */
globalThis.ocirunNative = { seccompHasFlags: (flags: number) => (flags & waitKillable) === 0 } as unknown as Native;

const { filterHint, killedByFilter, mindingFilter } = await import('./filter-failure.ts');

const step = (op: Step['op'], nums: number[] = []): Step => ({ op, pointer: '', slots: [], nums, strs: [] });

t.test('flags that the kernel does not know are named', async (t) => {
  const hint = filterHint(step('seccomp', [4 | newListener | waitKillable, 0]), 'EINVAL');
  t.equal(hint, 'this kernel does not know SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV');
  t.equal(filterHint(step('seccomp', [4, 0]), 'EINVAL'), undefined);
  t.match(filterHint(step('seccomp', [4, 0]), 'EBUSY'), /listener/);
  t.match(filterHint(step('seccomp', [4, 1]), 'EACCES'), /CAP_SYS_ADMIN/);
  t.equal(filterHint(step('mount'), 'EACCES'), undefined);
});

const stage1 = [step('clone')];
const stage2 = [step('user'), step('seccomp', [4, 1]), step('capabilities')];
const failed = (errnoName: string, index: number, hint?: string, op = 'await', last = false): string | undefined => {
  const plan = last ? [...stage1, step('user'), step('seccomp', [4, 0]), step('execute')] : [...stage1, ...stage2];
  const details = { errnoName, step: op, ...(hint ? { hint } : {}) };
  return mindingFilter(new OcirunError('E_INIT_STEP', 'no', details), (at) => plan[at], index).details.hint;
};

t.test('what fails behind the filter may have failed by it', async (t) => {
  t.match(failed('EPERM', 3), /linux\.seccomp is in force/);
  t.match(failed('ENOSYS', 3, 'look'), /^look; linux\.seccomp is in force/);
  t.equal(failed('ENOENT', 3), undefined);
  t.equal(failed('EPERM', 2), undefined, 'the filter itself');
  t.equal(failed('EPERM', 1), undefined);
  t.equal(failed('EPERM', 2 ** 32 - 1, undefined, 'plan'), undefined, 'before the first step');
  t.match(failed('EPERM', 3), /noNewPrivileges has it come last/);
  t.match(failed('EACCES', 3, 'look', 'execute', true), /^look; .*seccomp explain.*execve$/);
});

t.test('SIGSYS is the filter’s, where there is one', async (t) => {
  t.equal(killedByFilter(stage2, 31), true);
  t.equal(killedByFilter(stage2, 9), false);
  t.equal(killedByFilter([step('user')], 31), false);
  t.equal(killedByFilter(stage2, undefined), false);
});
