import t from 'tap';
import { stepOf } from '../plan/steps.ts';
import { directoryFailure, execFailure, hookReason, type StepFailure } from './exec-failure.ts';
import type { Facts } from './facts.ts';

const nothing = (about: string): Facts => ({ about, looks: [], others: new Map() });
const failure = (more: Partial<StepFailure>): StepFailure => ({
  step: stepOf('findProgram', '/process/args/0', [], ['x', '/bin']),
  facts: nothing('x'),
  errnoName: 'EIO',
  words: 'input/output error',
  details: { errno: 5 },
  ...more,
});
const find = (name: string, errnoName: string, words: string) =>
  execFailure(failure({ step: stepOf('findProgram', '', [], [name, '/bin']), facts: nothing(name), errnoName, words }));
const absent = 'no such file or directory';

t.test('a program that was not found, in the words of runc', async (t) => {
  t.equal(find('x', 'ENOENT', absent).message, 'exec: "x": executable file not found in $PATH: PATH is /bin');
  t.equal(find('/x', 'ENOENT', absent).message, `exec: "/x": stat /x: ${absent}`);
  t.equal(find('/x', 'EACCES', 'permission denied').message, 'exec: "/x": permission denied');
});

t.test('a program that was not executed', async (t) => {
  const step = stepOf('execute', '/process/args', [1, 0], ['x', 'A=1']);
  const busy = execFailure(failure({ step, facts: nothing('/bin/x'), errnoName: 'ETXTBSY', words: 'text file busy' }));
  t.equal(busy.message, 'exec /bin/x: text file busy: somebody has it open for writing');
  t.match(busy, { code: 'E_EXEC_BUSY', details: { errno: 5, hint: /rename/ } });
  const unknown = execFailure(failure({ step, facts: nothing('') }));
  t.match(unknown, { code: 'E_EXEC', message: 'exec x: input/output error', details: { errno: 5 } });
});

t.test('the strings of execve are arguments, then the environment', async (t) => {
  const step = stepOf('execute', '/process/args', [1, 0], ['x', `LONG=${'x'.repeat(140_000)}`]);
  const error = execFailure(failure({ step, errnoName: 'E2BIG', words: 'argument list too long' }));
  t.match(error, {
    code: 'E_EXEC_ARGUMENTS',
    message: 'exec x: argument list too long: the variable LONG has 140006 bytes',
  });
});

t.test('a working directory is one of its own, whatever is known', async (t) => {
  t.match(directoryFailure('create working directory /w', failure({})), {
    code: 'E_CWD',
    message: 'create working directory /w: input/output error',
  });
});

t.test('a hook gets the reason alone', async (t) => {
  const [inside, outside] = ['/hooks/startContainer/0', '/hooks/createContainer/0'];
  const busy = { why: ': somebody has it open for writing', hint: /rename/ };
  t.match(hookReason(inside, nothing('/h'), 'ETXTBSY'), busy);
  t.same(hookReason(inside, nothing('/h'), 'EIO'), { why: '' });
  t.match(hookReason(outside, nothing('/h'), 'ETXTBSY'), busy, 'one of the host');
});
