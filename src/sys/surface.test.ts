/** The surface of the addon is the same on both hosts: the program surface-main.ts runs on each. Needs a build and root. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tap from 'tap';

type Test = Pick<typeof tap, 'ok' | 'equal'>;

const root = process.cwd();
const nodeHost = join(root, 'addon/node-host.cjs');

/** How each host runs the program, and which signals ignored by the caller it can know of. */
const hosts = {
  standalone: { command: [join(root, 'build/ocirun-surface')], keepsSignals: true },
  node: { command: [process.execPath, '-e', `require('${nodeHost}').run('surface').run()`], keepsSignals: false },
};

function huge(path: string, size: string): void {
  closeSync(openSync(path, 'w'));
  // Node.js takes no size of more than 53 bits.
  spawnSync('truncate', ['-s', size, path], { stdio: 'inherit' });
}

/** tmpfs is the file system here that has files of any size. */
const places = [tmpdir(), '/dev/shm'];

const prefix = 'ocirun-test-surface-';

// What a test that was killed has left behind.
for (const place of places)
  for (const name of readdirSync(place).filter((name) => name.startsWith(prefix)))
    if (!existsSync(`/proc/${name.slice(prefix.length).split('-')[0]}`))
      rmSync(join(place, name), { recursive: true, force: true });

/** Run a command in an empty directory with what the cases count on. */
function runHere(command: readonly string[]): SpawnSyncReturns<string> {
  const [directory, large] = places.map((place) => mkdtempSync(join(place, `${prefix}${process.pid}-`))) as [
    string,
    string,
  ];
  try {
    mkdirSync(join(directory, 'not-utf8'));
    writeFileSync(Buffer.concat([Buffer.from(`${directory}/not-utf8/`), Buffer.from([0xff])]), '');
    huge(join(large, 'file'), '8000000000000000000');
    const middle = openSync(join(large, 'file.large'), 'w');
    ftruncateSync(middle, 2 ** 40 + 1);
    closeSync(middle);
    return spawnSync(command[0]!, command.slice(1), {
      cwd: directory,
      env: {
        PATH: process.env['PATH'],
        OCIRUN_TEST_HUGE: join(large, 'file'),
        OCIRUN_TEST_SURFACE: 'a=ñ€😀',
        OCIRUN_TEST_EMPTY: '',
      },
      encoding: 'utf8',
      timeout: 100_000,
      killSignal: 'SIGKILL',
    });
  } finally {
    for (const path of [directory, large]) rmSync(path, { recursive: true, force: true });
  }
}

const isFailure = (part: string): boolean => part.startsWith('not ok ');

/** Report every case of the program as one of ours. */
function reportCases(t: Test, { stdout, stderr, status, error }: SpawnSyncReturns<string>): void {
  t.equal(error, undefined, 'the program could be started');
  const plan = /^1\.\.(\d+)$/m.exec(stdout ?? '')?.[1];
  const parts = (stdout ?? '').split(/^(?=ok |not ok )/m).slice(1);
  for (const part of parts) {
    const [line, ...more] = part.split('\n');
    t.ok(line!.startsWith('ok '), line!.replace(/^(not )?ok \d+ - /, ''), { detail: more.join('\n') });
  }
  t.equal(parts.length, Number(plan), 'every case has run');
  t.equal(stderr, '', 'nothing on standard error');
  t.equal(status, 0, 'exit status');
}

for (const [name, { command }] of Object.entries(hosts)) {
  tap.test(`the surface on the ${name} host`, async (t) => reportCases(t, runHere(command)));
}

// Every system call that may be interrupted is, in turn: each is repeated, and no case notices.
const interrupted = 'read,write,open,openat,openat2,sendmsg,recvmsg,connect,waitid,wait4,flock,fstatfs';

for (const when of ['1+2', '2+2', '1+3']) {
  tap.test(`the surface where calls ${when} end with EINTR`, async (t) => {
    const inject = `inject=${interrupted}:error=EINTR:when=${when}`;
    reportCases(t, runHere(['strace', '-o', '/dev/null', '-e', inject, ...hosts.standalone.command]));
  });
}

for (const [name, { command, keepsSignals }] of Object.entries(hosts)) {
  tap.test(`a child of the ${name} host finds what the caller gave`, async (t) => {
    // USR1 ignored, USR2 blocked, a limit that Node.js raises. The shell stays: it is the parent whose limit is read.
    const caller = `trap '' USR1; ulimit -S -n 333; env --block-signal=USR2 "$@"; exit $?`;
    const { stdout, stderr, status } = runHere(['sh', '-c', caller, 'sh', ...command]);
    t.equal(status, 0, 'exit status', { detail: stdout.split(/^(?=ok |not ok )/m).filter(isFailure), stderr });
    const line = stdout.split('\n').find((line) => line.startsWith('# conditions'));
    // Node.js forgets at its start what was ignored and blocked.
    const [blocked, ignored] = keepsSignals ? ['0000000000000800', '0000000000000200'] : ['0{16}', '0{16}'];
    t.match(line, new RegExp(`SigBlk: ${blocked} SigIgn: ${ignored} .* files: 333 `));
  });
}

const onNode = (script: string): SpawnSyncReturns<string> =>
  runHere([process.execPath, '--require', nodeHost, '-e', script]);

tap.test('exit ends the process with that status', async (t) => {
  t.equal(onNode('setTimeout(() => {}, 10000); ocirunNative.exit(7)').status, 7);
});

tap.test('poll is the one that a signal interrupts', async (t) => {
  const { stdout, stderr } = onNode(`
    process.on('SIGUSR2', () => {});
    require('child_process').spawn('sh', ['-c', 'while sleep 0.3; do kill -USR2 ' + process.pid + ' || exit; done']);
    try { console.log(ocirunNative.poll([], [], 5000)); } catch (error) { console.log(error.syscall, error.code); }
    process.exit();`);
  t.equal(stderr, '');
  t.equal(stdout, 'poll EINTR\n');
});
