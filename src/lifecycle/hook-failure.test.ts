import t from 'tap';
import { stepOf } from '../plan/steps.ts';
import { endOf, hookFailure, initHookFailure, pastTimeout } from './hook-failure.ts';

t.test('the end of a program in the words that Go has for it', async (t) => {
  t.equal(endOf(1, 3), 'exit status 3');
  t.equal(endOf(2, 9), 'signal: killed');
  t.equal(endOf(2, 1), 'signal: hangup');
  t.equal(endOf(2, 15), 'signal: terminated');
  t.equal(endOf(3, 11), 'signal: segmentation fault (core dumped)');
  t.equal(endOf(2, 35), 'signal: signal 35');
});

t.test('a hook is named by its kind and number', async (t) => {
  const { code, message, details } = hookFailure('/hooks/createRuntime/12', 'no', { path: '/x' });
  t.same([code, message], ['E_HOOK', 'error running createRuntime hook #12: no']);
  t.match(details, { pointer: '/hooks/createRuntime/12', path: '/x' });
  t.equal(pastTimeout(2000), 'hook ran past specified timeout of 2.0s');
});

t.test('what init tells of a hook', async (t) => {
  const step = stepOf('runProgram', '/hooks/startContainer/0', [0, 1500], ['/x']);
  const failure = (told: string, errnoName: string, words: string): string =>
    initHookFailure(step, told, { about: told, looks: [], others: new Map() }, errnoName, words).message;
  const prefix = 'error running startContainer hook #0: ';
  t.equal(failure('/x', 'ETIME', 'timer expired'), `${prefix}hook ran past specified timeout of 1.5s`);
  t.equal(failure('/x', 'ENOENT', 'no such file'), `${prefix}fork/exec /x: no such file`);
  const told = 'exit status 3, stdout: signal: 9, stderr: ';
  t.equal(failure(told, 'ECANCELED', 'operation canceled'), prefix + told);
  t.equal(failure('signal: 9, stdout: , stderr: x', 'ECANCELED', ''), `${prefix}signal: killed, stdout: , stderr: x`);
  t.equal(
    failure('signal: 6 (core dumped), stdout: ', 'ECANCELED', ''),
    `${prefix}signal: aborted (core dumped), stdout: `,
  );
});

t.test('why one could not be executed', async (t) => {
  const file = { path: '/x', mode: 0o100644, uid: 0, gid: 0, member: true };
  const looks = [{ word: 'program', path: '/x', links: [], file, access: 'EACCES' }];
  const step = stepOf('runProgram', '/hooks/startContainer/0', [], ['/x']);
  const error = initHookFailure(step, '/x\0program /x', { about: '/x', looks, others: new Map() }, 'EACCES', 'no');
  t.match(error.message, 'fork/exec /x: no: it has the mode 0644: nobody may execute it');
  t.match(error, { code: 'E_HOOK', details: { path: '/x', hint: 'chmod +x' } });
});
