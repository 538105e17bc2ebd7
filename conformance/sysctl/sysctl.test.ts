import { existsSync, readFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { probing, type Edit } from '../lib/config.ts';
import type { Sandbox } from '../lib/sandbox.ts';

const sysctl = (value: Record<string, unknown>): Edit => {
  return (config) => void (config.linux['sysctl'] = value);
};
const without = (...types: string[]): Edit => {
  return (config) => {
    config.linux.namespaces = config.linux.namespaces.filter((n) => !types.includes(n.type));
    if (types.includes('uts')) delete config.hostname;
  };
};
const file = (name: string) => `/proc/sys/${name.replaceAll('.', '/')}`;

/** What the files of parameters hold inside. */
const inside = (box: Sandbox, files: readonly string[], ...edits: Edit[]): (string | undefined)[] => {
  const bundle = box.bundle(probing('text', ...files), ...edits);
  const { stdout } = box.must(['run', '--bundle', bundle, box.id()]);
  const texts = JSON.parse(stdout) as Record<string, string[] | null>;
  return files.map((name) => texts[name]?.join('\n').replaceAll('\t', ' '));
};

/** Of each namespace that has parameters some, with a value that is not the usual. */
const namespaced: Readonly<Record<string, string>> = {
  'kernel.msgmax': '8193',
  'kernel.msgmnb': '16385',
  'kernel.msgmni': '31999',
  'kernel.sem': '31999 1023999999 501 31999',
  'kernel.shmall': '18446744073692774398',
  'kernel.shmmax': '18446744073692774398',
  'kernel.shmmni': '4095',
  'kernel.shm_rmid_forced': '1',
  'fs.mqueue.msg_max': '11',
  'fs.mqueue.queues_max': '255',
  'net.ipv4.ip_forward': '1',
  'net.ipv4.ip_local_port_range': '2000 3000',
  'net.ipv4.conf.lo.send_redirects': '0',
  'net.core.somaxconn': '1234',
  'kernel.domainname': 'example.org',
};

conformance('sysctl: those of a namespace are set inside, and the host keeps its own', (t, box) => {
  const here = Object.fromEntries(Object.entries(namespaced).filter(([name]) => existsSync(file(name))));
  const files = Object.keys(here).map(file);
  const before = files.map((path) => readFileSync(path, 'utf8'));
  t.strictSame(inside(box, files, sysctl(here)), Object.values(here));
  t.strictSame(
    files.map((path) => readFileSync(path, 'utf8')),
    before,
    'the host',
  );
  t.ok(files.length >= 12, `${files.length} of them are here`);
});

conformance('sysctl: names may be written as paths', (t, box) => {
  const value = { 'net/ipv4/ip_forward': '1', 'kernel/msgmax': '8193' };
  t.strictSame(inside(box, Object.keys(value).map(file), sysctl(value)), ['1', '8193']);
});

conformance('sysctl: without the field they are as in a new namespace', (t, box) => {
  t.strictSame(inside(box, [file('kernel.msgmax'), file('net.core.somaxconn')]), ['8192', '4096']);
});

conformance('sysctl: they are set though the container sees /proc/sys read-only', (t, box) => {
  const readonly: Edit = (config) => void (config.linux.readonlyPaths = ['/proc/sys']);
  t.strictSame(inside(box, [file('net.ipv4.ip_forward')], sysctl({ 'net.ipv4.ip_forward': '1' }), readonly), ['1']);
});

conformance(
  'sysctl: they are set though the container has no /proc',
  (t, box) => {
    const bundle = box.bundle(sysctl({ 'kernel.msgmax': '8193' }), probing('exit', '7'), (c) => {
      c.mounts = c.mounts.filter((m) => m.destination !== '/proc');
      delete c.linux.maskedPaths;
      delete c.linux.readonlyPaths;
    });
    t.equal(box.call(['run', '--bundle', bundle, box.id()]).status, 7);
  },
  { only: 'ocirun' },
);

conformance('sysctl: the user of the container need not have the right to set them', (t, box) => {
  const user: Edit = (config) => {
    config.process.user = { uid: 1000, gid: 1000 };
    config.process.capabilities = {};
  };
  t.strictSame(inside(box, [file('kernel.msgmax')], sysctl({ 'kernel.msgmax': '8193' }), user), ['8193']);
});

interface Refusal {
  readonly name: string;
  readonly sysctls: readonly string[];
  readonly text: RegExp;
  readonly edits?: readonly Edit[];
}

/** Each with what the host has already: a runtime that does not refuse it must not harm this machine. */
const harmless = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names.map((name) => [name, existsSync(file(name)) ? readFileSync(file(name), 'utf8').trim() : '1']),
  );

const refusals: readonly Refusal[] = [
  {
    name: 'one of the whole machine',
    sysctls: ['vm.swappiness'],
    text: /sysctl "vm.swappiness" is not in a separate kernel namespace/,
  },
  {
    name: 'one whose name only begins like one of a namespace',
    sysctls: ['kernel.msgmaxx'],
    text: /sysctl "kernel.msgmaxx" is not in a separate kernel namespace/,
  },
  {
    name: 'one of the whole machine beside good ones',
    sysctls: ['kernel.msgmax', 'kernel.panic', 'net.ipv4.ip_forward'],
    text: /sysctl "kernel.panic" is not in a separate kernel namespace/,
  },
  {
    name: 'one of the whole machine, written as a path,',
    sysctls: ['vm/swappiness'],
    text: /sysctl "vm[./]swappiness" is not in a separate kernel namespace/,
  },
  {
    name: 'kernel.hostname',
    sysctls: ['kernel.hostname'],
    text: /sysctl "kernel.hostname" .*hostname/,
  },
  {
    name: 'kernel.domainname without a namespace for it',
    sysctls: ['kernel.domainname'],
    text: /sysctl "kernel.domainname" is not allowed|sysctl "kernel.domainname" is not in a separate/,
    edits: [without('uts')],
  },
  {
    name: 'one for messages without a namespace for it',
    sysctls: ['kernel.msgmax'],
    text: /sysctl "kernel.msgmax" is not allowed|sysctl "kernel.msgmax" is not in a separate/,
    edits: [without('ipc')],
  },
  {
    name: 'one for message queues without a namespace for it',
    sysctls: ['fs.mqueue.msg_max'],
    text: /sysctl "fs.mqueue.msg_max" is not allowed|sysctl "fs.mqueue.msg_max" is not in a separate/,
    edits: [without('ipc')],
  },
  {
    name: 'one for the network without a namespace for it',
    sysctls: ['net.ipv4.ip_forward'],
    text: /sysctl "net.ipv4.ip_forward" is not allowed|sysctl "net.ipv4.ip_forward" not allowed in host network/,
    edits: [without('network')],
  },
  {
    name: 'one for the network where the namespace is the host’s by path',
    sysctls: ['net.ipv4.ip_forward'],
    text: /sysctl .*net.* not allowed in host network namespace/,
    edits: [(c) => c.linux.namespaces.forEach((n) => n.type === 'network' && (n.path = '/proc/1/ns/net'))],
  },
  {
    name: 'one for users without a namespace for it',
    sysctls: ['user.max_net_namespaces'],
    text: /sysctl "user.max_net_namespaces" is not/,
  },
  {
    name: 'one that leads out of its directory',
    sysctls: ['net/../vm/swappiness'],
    text: /sysctl|swappiness/,
  },
];

for (const { name, sysctls, text, edits = [] } of refusals)
  conformance(`sysctl: ${name} is refused`, (t, box) => {
    const result = box.call(['create', '--bundle', box.bundle(sysctl(harmless(sysctls)), ...edits), box.id()]);
    t.equal(result.status, 1);
    t.match(result.stderr.replaceAll('\\"', '"'), text);
    t.strictSame(box.ids(), []);
  });

conformance('sysctl: one that does not exist is named', (t, box) => {
  const result = box.call(['create', '--bundle', box.bundle(sysctl({ 'net.ipv4.no_such': '1' })), box.id()]);
  t.equal(result.status, 1);
  t.match(result.stderr, /net[./]ipv4[./]no_such/);
  t.match(result.stderr, 'no such file or directory');
  t.strictSame(box.ids(), []);
});

conformance('sysctl: a value that the kernel does not take is named', (t, box) => {
  const result = box.call(['create', '--bundle', box.bundle(sysctl({ 'kernel.msgmax': 'many' })), box.id()]);
  t.equal(result.status, 1);
  t.match(result.stderr, /kernel[./]msgmax/);
  t.match(result.stderr, 'invalid argument');
  t.strictSame(box.ids(), []);
});
