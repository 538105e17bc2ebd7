import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import t from 'tap';
import { features } from './features-table.ts';
import { mountOptions } from '../plan/mount-options.ts';
import { newNamespaces } from '../plan/namespaces.ts';
import type { Native } from '../sys/native.ts';
import { supportedFields } from '../validate/fields.ts';

/** A kernel that takes no LOG, and WAIT_KILLABLE_RECV with a listener alone. */
const [log, newListener, waitKillable] = [2, 8, 32];
globalThis.ocirunNative = {
  seccompHasFlags: (flags: number) =>
    (flags & log) === 0 && ((flags & waitKillable) === 0 || (flags & newListener) !== 0),
} as unknown as Native;

const { seccompFeatures } = await import('../lifecycle/seccomp-features.ts');

const json = (path: string): unknown => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
const schema = json('../../spec-schemas/features.json') as object;
const config = json('../../spec-schemas/config.json') as {
  $defs: Record<
    string,
    { enum?: string[]; properties?: Record<string, { enum?: string[]; items?: { enum?: string[] } }> }
  >;
};
const found = () => features(seccompFeatures());
const supported = supportedFields.trim().split(/\s+/);

t.test('they fit the schema of the specification', async (t) => {
  const validate = new Ajv2020().compile(schema);
  t.ok(validate(JSON.parse(JSON.stringify(found()))), JSON.stringify(validate.errors));
});

t.test('a kind of hook is there exactly if it is supported', async (t) => {
  const kinds = Object.keys(config.$defs['Hooks']?.properties ?? {});
  t.same(
    found().hooks.filter((kind) => kinds.includes(kind)),
    kinds.filter((kind) => supported.includes(`/hooks/${kind}`)),
  );
  t.equal(found().hooks.length, kinds.length);
});

t.test('what is enabled is supported, and what is not is refused', async (t) => {
  const { linux } = found();
  const rows = [
    [linux.seccomp.enabled, '/linux/seccomp'],
    [linux.apparmor.enabled, '/process/apparmorProfile'],
    [linux.selinux.enabled, '/process/selinuxLabel'],
    [linux.intelRdt.enabled, '/linux/intelRdt'],
    [linux.netDevices.enabled, '/linux/netDevices'],
    [linux.mountExtensions.idmap.enabled, '/mounts/[]/uidMappings'],
    [linux.memoryPolicy.modes.length > 0, '/linux/memoryPolicy'],
    [linux.cgroup.rdma, '/linux/resources/rdma'],
  ] as const;
  for (const [enabled, field] of rows) t.equal(enabled, supported.includes(field), field);
});

t.test('namespaces are those that are made', async (t) => {
  const { namespaces } = found().linux;
  t.same(namespaces, [...(config.$defs['NamespaceType']?.enum ?? [])].sort());
  for (const type of namespaces)
    t.ok(newNamespaces({ ociVersion: '1.3.0', linux: { namespaces: [{ type: type }] } }) > 0, type);
});

t.test('memory policies are those of the schema', async (t) => {
  const { modes, flags } = found().linux.memoryPolicy;
  const { mode, flags: known } = config.$defs['MemoryPolicy']?.properties ?? {};
  t.same([...modes].sort(), [...(mode?.enum ?? [])].sort());
  t.same([...flags].sort(), [...(known?.items?.enum ?? [])].sort());
});

t.test('mount options are those that no filesystem gets to see', async (t) => {
  const { mountOptions: names } = found();
  t.equal(new Set(names).size, names.length);
  for (const name of names) t.same(mountOptions([name]).data, [], name);
  t.same(mountOptions(['size']).data, ['size']);
  for (const name of ['async', 'rbind', 'rnosymfollow', 'idmap', 'tmpcopyup']) t.ok(names.includes(name), name);
});

t.test('what is known of seccomp is what the schema names; flags are those that the kernel takes', async (t) => {
  const { seccomp } = found().linux;
  const named = (name: string): string[] => [...(config.$defs[name]?.enum ?? [])].sort();
  t.same(seccomp.actions, named('SeccompAction'));
  t.same(seccomp.operators, named('SeccompOperator'));
  t.same(seccomp.archs, named('SeccompArch'));
  t.same(seccomp.knownFlags, named('SeccompFlag'));
  t.ok(seccomp.knownFlags.length > 0);
  t.same(
    seccomp.supportedFlags,
    seccomp.knownFlags.filter((flag) => flag !== 'SECCOMP_FILTER_FLAG_LOG'),
  );
});
