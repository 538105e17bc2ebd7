import t from 'tap';
import type { Spec } from '../spec/types.ts';
import { validate } from './index.ts';

const good: Spec = {
  ociVersion: '1.3.0',
  root: { path: 'rootfs' },
  process: { cwd: '/', args: ['sh'] },
  linux: { namespaces: [{ type: 'mount' }] },
};

t.test('a good document has nothing wrong', async (t) => {
  t.same(validate(good), { errors: [], warnings: [] });
});

t.test('everything wrong is told, in the order of the rules', async (t) => {
  const { errors, warnings } = validate({
    ociVersion: '1.3.0',
    hostname: 'a',
    mounts: [{ destination: 'b', type: 'ext4' }],
    process: { cwd: '.', terminal: true },
  });
  t.same(
    errors.map(({ code, details }) => `${code} ${details.pointer}`),
    [
      'E_CONFIG_RULE /root',
      'E_CONFIG_RULE /process/args',
      'E_CONFIG_RULE /process/cwd',
      'E_CONFIG_RULE /hostname',
      'E_CONFIG_RULE /mounts',
      'E_NOT_SUPPORTED_YET /process/terminal',
    ],
  );
  t.same(
    warnings.map(({ code, details }) => `${code} ${details.pointer} ${details.rule}`),
    ['E_CONFIG_NO_EFFECT /mounts/0/destination destinationsAreAbsolute'],
  );
});

t.test('NUL bytes are looked for unless it is known that there are none', async (t) => {
  const bad = {
    ...good,
    hostname: '\0',
    linux: { namespaces: [{ type: 'mount' as const }, { type: 'uts' as const }] },
  };
  t.match(validate(bad).errors, [{ details: { pointer: '/hostname' } }]);
  t.same(validate(bad, false).errors, []);
});

t.test('a private root is refused where the root is not pivoted to', async (t) => {
  const spec = { ...good, linux: { ...good.linux, rootfsPropagation: 'private' as const } };
  t.same(validate(spec).errors, []);
  t.match(validate(spec, true, false).errors, [{ details: { pointer: '/linux/rootfsPropagation' } }]);
});

t.test('there may be more findings than a call can have arguments', async (t) => {
  const env = Array<string>(200_000).fill('x');
  t.equal(validate({ ...good, process: { cwd: '/', args: ['sh'], env } }).errors.length, env.length);
});
