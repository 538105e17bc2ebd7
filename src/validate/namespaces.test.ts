import t from 'tap';
import type { NamespaceType, Spec } from '../spec/types.ts';
import { hasNamespace, namesNeedUtsNamespace, namespacesAreUnique } from './namespaces.ts';

const spec = (types: readonly NamespaceType[], rest: Partial<Spec> = {}): Spec => ({
  ociVersion: '1.3.0',
  linux: { namespaces: types.map((type) => ({ type })) },
  ...rest,
});

t.test('a namespace is there or not', async (t) => {
  t.ok(hasNamespace(spec(['pid', 'uts']), 'uts'));
  t.notOk(hasNamespace(spec(['pid']), 'uts'));
  t.notOk(hasNamespace({ ociVersion: '1.3.0' }, 'uts'));
});

t.test('each kind is given once', async (t) => {
  const refusals = namespacesAreUnique(spec(['pid', 'uts', 'pid', 'pid']));
  t.same(
    refusals.map(({ details }) => details.pointer),
    ['/linux/namespaces/2', '/linux/namespaces/3'],
  );
  t.match(refusals[0], { code: 'E_CONFIG_RULE', message: 'duplicated namespace pid' });
  t.same(namespacesAreUnique(spec(['pid', 'uts'])), []);
  t.same(namespacesAreUnique({ ociVersion: '1.3.0' }), []);
});

t.test('names need a UTS namespace', async (t) => {
  const names = { hostname: 'a', domainname: 'b' };
  t.same(
    namesNeedUtsNamespace(spec([], names)).map(({ message, details }) => [details.pointer, message]),
    [
      ['/hostname', 'unable to set hostname without a private UTS namespace'],
      ['/domainname', 'unable to set domainname without a private UTS namespace'],
    ],
  );
  t.same(namesNeedUtsNamespace(spec(['uts'], names)), []);
  t.same(namesNeedUtsNamespace(spec([], { hostname: '' })), []);
});
