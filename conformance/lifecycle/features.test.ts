import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { conformance } from '../lib/conformance.ts';
import { namespace, probing, userNamespace, type Edit } from '../lib/config.ts';
import { kinds as hookKinds } from '../lib/hooks.ts';
import { flavour, repository } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';

interface Features {
  readonly ociVersionMin: string;
  readonly ociVersionMax: string;
  readonly hooks: string[];
  readonly mountOptions: string[];
  readonly linux: {
    readonly namespaces: string[];
    readonly capabilities: string[];
    readonly cgroup: Readonly<Record<string, boolean>>;
    readonly seccomp: {
      readonly enabled: boolean;
      readonly actions: string[];
      readonly operators: string[];
      readonly archs: string[];
      readonly knownFlags?: string[];
      readonly supportedFlags?: string[];
    };
    readonly apparmor: { readonly enabled: boolean };
    readonly selinux: { readonly enabled: boolean };
    readonly memoryPolicy?: { readonly modes: string[]; readonly flags: string[] };
    readonly mountExtensions?: { readonly idmap: { readonly enabled: boolean } };
    readonly netDevices?: { readonly enabled: boolean };
    readonly intelRdt?: { readonly enabled: boolean };
  };
  readonly annotations?: Readonly<Record<string, string>>;
}

const features = (box: Sandbox) => JSON.parse(box.must(['features']).stdout) as Features;
const accepts = (box: Sandbox, ...edits: Edit[]): boolean => {
  const result = box.call(['create', '--bundle', box.bundle(probing('exit', '0'), ...edits), box.id()]);
  if (result.status === 0) box.must(['delete', '--force', box.id()]);
  return result.status === 0;
};
const ours = { only: 'ocirun' } as const;

conformance('features: the document is what its schema says', (t, box) => {
  const { stdout } = box.must(['features']);
  const schema = JSON.parse(readFileSync(join(repository, 'spec-schemas/features.json'), 'utf8')) as object;
  const validate = new Ajv2020({ strict: false }).compile(schema);
  t.ok(validate(JSON.parse(stdout)), JSON.stringify(validate.errors));
  t.equal(stdout.trimEnd(), JSON.stringify(JSON.parse(stdout), null, 4), 'indented by four spaces');
});

conformance('features: it takes no arguments', (t, box) => {
  const result = box.call(['features', 'more']);
  t.equal(result.status, 1);
  t.match(result.stderr.replaceAll('\\"', '"'), '"features" requires exactly 0 argument(s)');
});

conformance('features: the versions of the specification include the one of --version', (t, box) => {
  const { ociVersionMin, ociVersionMax } = features(box);
  t.equal(ociVersionMin, '1.0.0');
  t.match(box.plain(['--version']).stdout, `spec: ${ociVersionMax}\n`);
});

conformance('features: all six kinds of hooks', (t, box) => {
  t.strictSame(features(box).hooks, hookKinds);
});

conformance('features: every mount option that is listed works', (t, box) => {
  const { mountOptions } = features(box);
  t.strictSame(mountOptions, [...new Set(mountOptions)].sort(), 'sorted, each once');
  // These are no options of a new filesystem: others test them.
  const special = ['bind', 'rbind', 'remount', 'idmap', 'ridmap'];
  const options = mountOptions.filter((option) => !special.includes(option));
  t.ok(options.length >= 55, `${options.length} options`);
  const bundle = box.bundle(probing('exit', '7'), (c) => {
    for (const option of options)
      c.mounts.push({ destination: `/m/${option}`, type: 'tmpfs', source: 'tmpfs', options: [option] });
  });
  const result = box.call(['run', '--bundle', bundle, box.id()]);
  t.equal(result.status, 7, result.stderr);
});

conformance('features: a mount option that is not listed is none', (t, box) => {
  const wrong: Edit = (c) =>
    void c.mounts.push({ destination: '/m', type: 'tmpfs', source: 'tmpfs', options: ['no-such-option'] });
  t.notOk(accepts(box, wrong));
});

const kinds = ['cgroup', 'ipc', 'mount', 'network', 'pid', 'time', 'user', 'uts'];

conformance('features: every namespace that is listed can be made, and no other', (t, box) => {
  const { namespaces } = features(box).linux;
  t.strictSame(namespaces, [...namespaces].sort());
  for (const type of kinds) {
    const edit = type === 'user' ? userNamespace([{ containerID: 0, hostID: 0, size: 65_536 }]) : namespace(type);
    t.equal(accepts(box, edit), namespaces.includes(type), type);
  }
});

conformance('features: the capabilities are those of the kernel', (t, box) => {
  const { capabilities } = features(box).linux;
  const last = Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8'));
  t.ok(capabilities.length >= last + 1);
  t.equal(capabilities[0], 'CAP_CHOWN');
  t.equal(capabilities[21], 'CAP_SYS_ADMIN');
  t.equal(capabilities[40], 'CAP_CHECKPOINT_RESTORE');
  const result = box.call([
    'create',
    '--bundle',
    box.bundle((c) => {
      const known = capabilities.filter((name) => name !== 'CAP_SYS_RESOURCE').slice(0, last);
      c.process.capabilities = { bounding: known, permitted: known, effective: known };
    }),
    box.id(),
  ]);
  t.equal(result.status, 0, result.stderr);
  t.notMatch(result.stderr, 'CAP_');
});

conformance('features: seccomp is enabled where a filter is taken', (t, box) => {
  const filter: Edit = (c) => void (c.linux['seccomp'] = { defaultAction: 'SCMP_ACT_ALLOW' });
  t.equal(accepts(box, filter), features(box).linux.seccomp.enabled);
});

const filtering =
  (members: object): Edit =>
  (c) =>
    void (c.linux['seccomp'] = { defaultAction: 'SCMP_ACT_ALLOW', ...members });

conformance('features: what is listed of seccomp works', (t, box) => {
  const { actions, operators, archs } = features(box).linux.seccomp;
  for (const list of [actions, operators, archs]) t.strictSame(list, [...list].sort());
  const rule = { names: ['mkdir'], action: 'SCMP_ACT_ERRNO' };
  const syscalls = [
    ...actions.filter((action) => action !== 'SCMP_ACT_NOTIFY').map((action) => ({ ...rule, action })),
    ...operators.map((op, index) => ({ ...rule, args: [{ index: index % 6, op, value: index }] })),
  ];
  for (const each of syscalls) t.ok(accepts(box, filtering({ syscalls: [each] })), JSON.stringify(each));
  // libseccomp has no filter for both orders of bytes.
  for (const arch of archs.filter((name) => flavour === 'ocirun' || name.startsWith('SCMP_ARCH_X')))
    t.ok(accepts(box, filtering({ architectures: [arch], syscalls: [rule] })), arch);
  t.equal(actions.length, 9);
  t.equal(operators.length, 7);
});

conformance(
  'features: every flag of seccomp that is supported is taken, and is one that is known',
  (t, box) => {
    const { knownFlags = [], supportedFlags = [] } = features(box).linux.seccomp;
    t.strictSame(knownFlags, [...knownFlags].sort());
    t.equal(knownFlags.length, 4);
    for (const flag of supportedFlags) {
      t.ok(knownFlags.includes(flag), flag);
      t.ok(accepts(box, filtering({ flags: [flag] })), flag);
    }
    // The other one came with Linux 5.19.
    for (const flag of ['TSYNC', 'LOG', 'SPEC_ALLOW'])
      t.ok(supportedFlags.includes(`SECCOMP_FILTER_FLAG_${flag}`), flag);
  },
  ours,
);

conformance(
  'features: what is not enabled is refused',
  (t, box) => {
    const { linux } = features(box);
    const map = [{ containerID: 0, hostID: 0, size: 65_536 }];
    const idmapped = { destination: '/m', type: 'bind', source: box.directory, options: ['bind', 'idmap'] };
    const asked: Readonly<Record<string, [boolean | undefined, Edit]>> = {
      apparmor: [linux.apparmor.enabled, (c) => void (c.process['apparmorProfile'] = 'unconfined')],
      selinux: [linux.selinux.enabled, (c) => void (c.process['selinuxLabel'] = 'system_u:system_r:x_t:s0')],
      netDevices: [linux.netDevices?.enabled, (c) => void (c.linux['netDevices'] = { nosuch0: {} })],
      intelRdt: [linux.intelRdt?.enabled, (c) => void (c.linux['intelRdt'] = { closID: 'x' })],
      idmap: [
        linux.mountExtensions?.idmap.enabled,
        (c) => void c.mounts.push({ ...idmapped, ...{ uidMappings: map, gidMappings: map } }),
      ],
    };
    for (const [name, [enabled, edit]] of Object.entries(asked)) {
      t.type(enabled, 'boolean', `${name} is told`);
      // To be enabled is not enough to be taken: this machine has none of most of it.
      if (enabled === false || name === 'idmap') t.equal(accepts(box, edit), enabled, name);
    }
  },
  ours,
);

conformance(
  'features: every mode and flag of memory policies that is listed works',
  (t, box) => {
    const { memoryPolicy } = features(box).linux;
    t.ok(memoryPolicy);
    for (const mode of memoryPolicy?.modes ?? []) {
      const nodes = ['MPOL_DEFAULT', 'MPOL_LOCAL'].includes(mode) ? '' : '0';
      t.ok(
        accepts(box, (c) => void (c.linux['memoryPolicy'] = { mode, nodes })),
        mode,
      );
    }
    for (const flag of memoryPolicy?.flags ?? [])
      t.ok(
        accepts(box, (c) => void (c.linux['memoryPolicy'] = { mode: 'MPOL_BIND', nodes: '0', flags: [flag] })),
        flag,
      );
  },
  ours,
);

conformance('features: the annotations name the runtime', (t, box) => {
  const name = flavour === 'ocirun' ? /ocirun/ : /runc/;
  t.match(Object.keys(features(box).annotations ?? {}).join('\n'), name);
});
