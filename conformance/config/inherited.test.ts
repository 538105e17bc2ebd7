import { closeSync, openSync, readFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';
import { alive, stat } from '../lib/machine.ts';

const withoutLimits = (c: { process: { rlimits?: unknown } }) => void delete c.process.rlimits;

conformance('only descriptors 0, 1 and 2 are open', (t, box) => {
  // Descriptors of ours that are no CLOEXEC: they reach the runtime, and must not reach the container.
  const extra = [openSync('/dev/null', 'r'), openSync('/', 'r')];
  t.strictSame(Object.keys(box.report([], { extra }).fds), ['0', '1', '2']);
  extra.forEach((fd) => closeSync(fd));
});

conformance('a created container’s process has only descriptors 0, 1 and 2', (t, box) => {
  box.must(['create', '--bundle', box.bundle(probing('fds')), box.id()]);
  const number = box.calls;
  box.must(['start', box.id()]);
  t.ok(box.reaches('stopped'));
  t.strictSame(Object.keys((JSON.parse(box.output(number)) as { fds: object }).fds), ['0', '1', '2']);
});

conformance('RLIMIT_NOFILE is the caller’s where the config has none', (t, box) => {
  const through = ['prlimit', '--nofile=777:888'];
  t.strictSame(box.report([withoutLimits], { through }).rlimits['NOFILE'], ['777', '888']);
});

conformance('every other limit is the caller’s too', (t, box) => {
  const through = ['prlimit', '--core=1024:2048', '--stack=4194304:8388608', '--nproc=4000:5000'];
  const { rlimits } = box.report([withoutLimits], { through });
  t.strictSame(rlimits['CORE'], ['1024', '2048']);
  t.strictSame(rlimits['STACK'], ['4194304', '8388608']);
  t.strictSame(rlimits['NPROC'], ['4000', '5000']);
});

conformance('no signal is blocked or caught that the caller did not block', (t, box) => {
  const { status } = box.report();
  t.equal(BigInt(`0x${status['blocked']}`), 0n);
  t.equal(BigInt(`0x${status['caught']}`), 0n);
});

conformance('signals that the caller ignores stay ignored', (t, box) => {
  const ignored = (pairs: string) => ['/bin/sh', '-c', `trap '' ${pairs}; exec "$@"`, 'sh'];
  const mask = (text?: string) => BigInt(`0x${text}`);
  const bit = (n: number) => 1n << BigInt(n - 1);
  const { status } = box.report([], { through: ignored('HUP USR1 WINCH') });
  for (const signal of [1, 10, 28]) t.not(mask(status['ignored']) & bit(signal), 0n, `signal ${signal}`);
  t.equal(mask(box.report().status['ignored']) & bit(1), 0n, 'and are not where it does not');
});

conformance('signals that the caller blocks stay blocked', (t, box) => {
  const blocking = [
    'python3',
    '-c',
    'import os,signal,sys;signal.pthread_sigmask(0,{10,12});os.execvp(sys.argv[1],sys.argv[1:])',
  ];
  const { status } = box.report([], { through: blocking });
  t.equal(BigInt(`0x${status['blocked']}`), (1n << 9n) | (1n << 11n));
});

conformance('the container may use every CPU though the caller may not', (t, box) => {
  const all = readFileSync('/sys/devices/system/cpu/online', 'utf8').trim();
  t.equal(box.report([], { through: ['taskset', '-c', '0'] }).status['cpus'], all);
});

conformance('a created container outlives the process that created it', (t, box) => {
  const pid = box.startReady();
  t.ok(alive(pid));
  t.not(stat(pid)?.parent, process.pid, 'it is no child of ours');
});

conformance('the working directory of the caller does not reach the container', (t, box) => {
  t.equal(box.report([], { cwd: '/usr' }).cwd, '/');
});
