import t from 'tap';
import type { Hooks, Spec } from '../spec/types.ts';
import { specVersion } from '../version.ts';
import { createContainerSteps, hasRuntimeHooks, hookState, startContainerSteps } from './hooks.ts';

const box = { id: 'box', bundle: '/bundle' };
const spec = (hooks: Hooks, rest: Partial<Spec> = {}): Spec => ({ ociVersion: '1.0.0', hooks, ...rest });

t.test('the state is JSON around the process id, in runc’s order', async (t) => {
  const annotations = { a: '"1"', ü: '\n' };
  t.equal(
    hookState({ ...box, annotations }, 'creating').join('17'),
    JSON.stringify({ ociVersion: specVersion, id: 'box', status: 'creating', pid: 17, bundle: '/bundle', annotations }),
  );
  t.equal(
    hookState(box, 'created').join('1'),
    JSON.stringify({ ociVersion: specVersion, id: 'box', status: 'created', pid: 1, bundle: '/bundle' }),
  );
});

t.test('createContainer hooks are steps of their own', async (t) => {
  const hooks = {
    createContainer: [{ path: '/a', args: ['a', '-x'], env: ['K=V'], timeout: 3 }, { path: '/b' }],
  };
  const [before, behind] = hookState({ ...box, annotations: { n: 'v' } }, 'creating');
  const process = { cwd: '/', env: ['LD_PRELOAD=/image/evil.so'] };
  t.same(createContainerSteps(spec(hooks, { annotations: { n: 'v' }, process }), box), [
    { op: 'changeDirectory', pointer: '/root/path', slots: [0], nums: [0], strs: ['/'] },
    {
      op: 'runProgram',
      pointer: '/hooks/createContainer/0',
      slots: [],
      nums: [2, 3000],
      strs: ['/a', before, behind, 'a', '-x', 'K=V'],
    },
    {
      op: 'runProgram',
      pointer: '/hooks/createContainer/1',
      slots: [],
      nums: [1, 0],
      strs: ['/b', before, behind, '/b'],
    },
  ]);
});

t.test('startContainer hooks have the environment of the container where they have none', async (t) => {
  const process = { cwd: '/', env: ['A=1', 'B=2', 'A=3'] };
  const hooks = { startContainer: [{ path: '/a' }, { path: '/b', args: [], env: [] }] };
  const [first, second] = startContainerSteps(spec(hooks, { process }), box, ['LISTEN_PID=1']);
  const state = hookState(box, 'created');
  t.match(first, { pointer: '/hooks/startContainer/0', strs: ['/a', ...state, '/a', 'A=3', 'B=2', 'LISTEN_PID=1'] });
  t.same(second?.strs, ['/b', ...state, '/b']);
});

t.test('the runtime is asked for hooks that it has', async (t) => {
  t.ok(hasRuntimeHooks(spec({ prestart: [{ path: '/a' }] })));
  t.ok(hasRuntimeHooks(spec({ createRuntime: [{ path: '/a' }] })));
  t.notOk(hasRuntimeHooks(spec({ prestart: [], createContainer: [{ path: '/a' }], poststart: [{ path: '/a' }] })));
  t.notOk(hasRuntimeHooks({ ociVersion: '1.3.0' }));
  t.same(createContainerSteps(spec({}), box), []);
  t.same(startContainerSteps({ ociVersion: '1.3.0' }, box, []), []);
});
