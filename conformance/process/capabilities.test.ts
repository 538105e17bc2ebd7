import { chmodSync, copyFileSync, readFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { probing, type Config, type Edit } from '../lib/config.ts';
import type { Report } from '../lib/report.ts';

/** In the order of the kernel's numbers, capabilities(7). */
const names = (
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE ' +
  'NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN ' +
  'SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE ' +
  'MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'
)
  .split(' ')
  .map((name) => `CAP_${name}`);

const own = BigInt(`0x${/^CapBnd:\s+(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`);
const mask = (list: readonly string[]) => list.reduce((sum, name) => sum | (1n << BigInt(names.indexOf(name))), 0n);
const hex = (value: bigint) => value.toString(16).padStart(16, '0');
const sets = ['bounding', 'effective', 'permitted', 'inheritable', 'ambient'] as const;
const capabilities = (value: Config['process']['capabilities']): Edit => {
  return (config) => void (config.process.capabilities = value);
};
const user = (config: Config): void => void (config.process.user = { uid: 1000, gid: 1000 });
const bad = ['CAP_BOGUS', 'chown', 'cap_chown', 'CAP_CHOWN '];

/** What cannot be granted here because the caller has not got it. */
const ungrantable = names.filter((name) => (mask([name]) & own) === 0n);
const grantable = names.filter((name) => !ungrantable.includes(name));

conformance('capabilities: each name is its number', (t, box) => {
  // Six sets tell forty names apart, as six digits tell forty numbers apart.
  for (let digit = 0; digit < 6; digit += 1) {
    const list = grantable.filter((name) => ((names.indexOf(name) >> digit) & 1) === 1);
    const { status } = box.report([capabilities({ bounding: list, effective: list, permitted: list })]);
    t.equal(status['bounding'], hex(mask(list)), list.join(' '));
  }
});

conformance('capabilities: an ordinary user has exactly the five sets it is given', (t, box) => {
  const value = {
    bounding: grantable,
    permitted: ['CAP_CHOWN', 'CAP_KILL', 'CAP_MKNOD', 'CAP_SYS_ADMIN'],
    inheritable: ['CAP_KILL', 'CAP_MKNOD', 'CAP_SYS_ADMIN'],
    ambient: ['CAP_KILL', 'CAP_SYS_ADMIN'],
    effective: ['CAP_CHOWN', 'CAP_KILL'],
  };
  const { status } = box.report([capabilities(value), user]);
  t.equal(status['bounding'], hex(mask(grantable)));
  t.equal(status['inheritable'], hex(mask(value.inheritable)));
  // execve(2) of a program without file capabilities: permitted and effective become the ambient set.
  for (const set of ['ambient', 'permitted', 'effective']) t.equal(status[set], hex(mask(value.ambient)), set);
});

for (const noNewPrivileges of [false, true])
  conformance(`capabilities: what root has after execve where noNewPrivileges is ${noNewPrivileges}`, (t, box) => {
    const { status } = box.report([
      capabilities({ bounding: ['CAP_KILL', 'CAP_CHOWN'], permitted: ['CAP_KILL'], effective: [] }),
      (c) => void (c.process.noNewPrivileges = noNewPrivileges),
    ]);
    t.equal(status['bounding'], hex(mask(['CAP_KILL', 'CAP_CHOWN'])));
    // The kernel gives root all that the bounding set leaves, unless nothing may be gained.
    const held = noNewPrivileges ? ['CAP_KILL'] : ['CAP_KILL', 'CAP_CHOWN'];
    for (const set of ['permitted', 'effective']) t.equal(status[set], hex(mask(held)), set);
  });

conformance('capabilities: without the field there are none', (t, box) => {
  const { status } = box.report([(c) => delete (c.process as Partial<Config['process']>).capabilities]);
  for (const set of sets) t.equal(status[set], hex(0n), set);
});

conformance('capabilities: one that is named twice is there once', (t, box) => {
  const twice = ['CAP_KILL', 'CAP_KILL'];
  const { status } = box.report([capabilities({ bounding: twice, effective: twice, permitted: twice })]);
  t.equal(status['bounding'], hex(mask(['CAP_KILL'])));
});

conformance('capabilities: names that nobody knows are left out with a warning', (t, box) => {
  const list = [...bad, 'CAP_KILL'];
  const bundle = box.bundle(capabilities({ bounding: list, effective: list, permitted: list }));
  const result = box.must(['run', '--bundle', bundle, box.id()]);
  t.equal((JSON.parse(result.stdout) as Report).status['bounding'], hex(mask(['CAP_KILL'])));
  t.match(result.stderr, /warn/i);
  for (const name of bad) t.match(result.stderr, name.trim());
});

conformance(
  'capabilities: those that the caller has not got are left out with a warning',
  (t, box) => {
    const list = [...ungrantable, 'CAP_KILL'];
    const bundle = box.bundle(capabilities({ bounding: list, effective: list, permitted: list }));
    const result = box.must(['run', '--bundle', bundle, box.id()]);
    t.equal((JSON.parse(result.stdout) as Report).status['bounding'], hex(mask(['CAP_KILL'])));
    t.match(result.stderr, /warn/i);
    for (const name of ungrantable) t.match(result.stderr, name);
  },
  { unless: ungrantable.length === 0 && 'the caller has every capability' },
);

const throughSetuid = (box: Parameters<Parameters<typeof conformance>[1]>[1], noNewPrivileges: boolean) => {
  const rootfs = `${box.bundle()}/rootfs`;
  copyFileSync(`${rootfs}/probe`, `${rootfs}/setuid`);
  chmodSync(`${rootfs}/setuid`, 0o4755);
  return box.report([
    user,
    capabilities({ bounding: ['CAP_KILL'] }),
    (c) => void (c.process.noNewPrivileges = noNewPrivileges),
    (c) => void (c.process.args = ['/setuid', 'report']),
  ]);
};

conformance('capabilities: a setuid program gains no more than the bounding set', (t, box) => {
  const report = throughSetuid(box, false);
  t.strictSame(report.uids, [1000, 0, 0]);
  t.equal(report.status['effective'], hex(mask(['CAP_KILL'])));
});

conformance('capabilities: with noNewPrivileges a setuid program gains nothing', (t, box) => {
  const report = throughSetuid(box, true);
  t.strictSame(report.uids, [1000, 1000, 1000]);
  t.equal(report.status['effective'], hex(0n));
});

conformance('capabilities: to have none of them does not keep a container from being made', (t, box) => {
  const none = capabilities({});
  t.equal(box.call(['run', '--bundle', box.bundle(none, user, probing('exit', '7')), box.id()]).status, 7);
});
