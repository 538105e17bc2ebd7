/** The machine that the tests run on is looked at. Needs a build. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';

createRequire(import.meta.url)('../../addon/node-host.cjs');
const { hostFindings } = await import('./findings.ts');
const { thisMachine } = await import('./machine.ts');

t.test('the machine that the tests run on is looked at', async (t) => {
  const bundle = mkdtempSync(join(tmpdir(), 'ocirun-test-host-'));
  t.teardown(() => rmSync(bundle, { recursive: true, force: true }));
  writeFileSync(join(bundle, 'plain'), '', { mode: 0o644 });
  const { errors, warnings } = hostFindings(
    {
      ociVersion: '1.3.0',
      process: { cwd: '/', args: ['sh'] },
      root: { path: 'none' },
      hooks: { prestart: [{ path: join(bundle, 'plain') }, { path: '/proc/self/exe' }] },
      mounts: [
        { destination: '/a', type: 'bind', source: '/proc/none' },
        { destination: '/b', type: 'tmpfs' },
        { destination: '/c', type: 'nosuchfs' },
      ],
      linux: {
        namespaces: [
          { type: 'uts', path: '/proc/self/ns/net' },
          { type: 'network', path: '/proc/self/ns/net' },
          { type: 'ipc', path: join(bundle, 'plain') },
        ],
        sysctl: { 'kernel.hostname': 'a', 'kernel.nosuchthing': '1' },
      },
    },
    bundle,
    [],
  );
  t.same(
    errors.filter(({ details }) => details.rule !== 'weMayMakeContainers').map(({ details }) => details.pointer),
    [
      '/linux/namespaces/0/path',
      '/linux/namespaces/2/path',
      '/root/path',
      '/mounts/0/source',
      '/hooks/prestart/0/path',
    ],
  );
  t.same(
    warnings.map(({ details }) => details.pointer),
    ['/linux/sysctl/kernel.nosuchthing', '/mounts/2/type'],
  );
});

t.test('what is there, what is not, and what namespaces are', async (t) => {
  const machine = thisMachine();
  t.equal(machine.look('/proc/none'), 'missing');
  t.equal(machine.look('/proc/self/exe/none'), 'missing');
  t.match(machine.look('/proc'), { isDirectory: true });
  t.match(machine.look('/proc/self/exe'), { isDirectory: false });
  t.equal(machine.text('/proc/none'), undefined);
  t.equal(machine.text('/proc'), undefined);
  t.match(machine.text('/proc/self/mountinfo'), / \/proc /);
  t.equal(machine.filesystem('/proc'), 0x9fa0);
  t.equal(machine.filesystem('/proc/none'), undefined);
  for (const kind of ['mnt', 'pid', 'net', 'uts', 'ipc', 'user', 'cgroup'])
    t.equal(machine.namespace(`/proc/self/ns/${kind}`), kind);
  t.equal(machine.namespace('/proc/self/exe'), '');
  t.equal(machine.namespace('/proc/none'), undefined);
  t.match(machine.release, /^\d+\.\d+/);
});
