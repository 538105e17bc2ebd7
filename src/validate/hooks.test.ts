import t from 'tap';
import type { Hooks } from '../spec/types.ts';
import { hookPathsAreAbsolute } from './hooks.ts';

const told = (hooks: Hooks): string[] =>
  hookPathsAreAbsolute({ ociVersion: '1.3.0', hooks }).map(({ details, message }) => `${details.pointer}: ${message}`);

t.test('the paths of hooks are absolute', async (t) => {
  const good = [{ path: '/bin/true' }];
  t.same(told({ prestart: good, poststop: good }), []);
  t.same(told({}), []);
  t.same(hookPathsAreAbsolute({ ociVersion: '1.3.0' }), []);
  for (const kind of ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'])
    t.same(told({ [kind]: [...good, { path: 'a' }, { path: '' }] }), [
      `/hooks/${kind}/1/path: the path of ${kind} hook #1 is not absolute: "a"`,
      `/hooks/${kind}/2/path: the path of ${kind} hook #2 is not absolute: ""`,
    ]);
});
