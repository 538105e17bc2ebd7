import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, closeSync, copyFileSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { conformance } from '../lib/conformance.ts';
import { binding, mounting, userNamespace, type Edit } from '../lib/config.ts';
import { elf, otherMachine } from '../lib/elf.ts';
import { flavour, isStandalone } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';

/** A program that cannot be executed. */
interface Cause {
  readonly args: readonly string[];
  readonly edits?: readonly Edit[];
  readonly prepare?: (box: Sandbox, rootfs: string) => void;
  /** Whether it shows at `create`, before the container exists; else it shows once it is started. */
  readonly at: 'create' | 'start';
  readonly code: string;
  /** What engines look for. */
  readonly phrase: string;
  /** runc's words where they are others. */
  readonly runc?: string;
  /** The reason, and what to do. */
  readonly why: string | RegExp;
  readonly hint: string | RegExp;
}

const program =
  (...args: string[]): Edit =>
  (config) =>
    void (config.process.args = args);
const as =
  (uid: number): Edit =>
  (config) =>
    void (config.process.user = { uid, gid: uid });
const variables =
  (...list: string[]): Edit =>
  (config) =>
    void (config.process.env = list);

const file =
  (path: string, content: string | Uint8Array, mode = 0o755) =>
  (_: Sandbox, rootfs: string): void => {
    mkdirSync(dirname(rootfs + path), { recursive: true });
    writeFileSync(rootfs + path, content);
    chmodSync(rootfs + path, mode);
  };
const tool = (path: string, mode = 0o755) => {
  return (_: Sandbox, rootfs: string): void => {
    mkdirSync(dirname(rootfs + path), { recursive: true });
    copyFileSync(`${rootfs}/probe`, rootfs + path);
    chmodSync(rootfs + path, mode);
  };
};
const links =
  (...pairs: readonly (readonly [path: string, target: string])[]) =>
  (_: Sandbox, rootfs: string): void =>
    pairs.forEach(([path, target]) => symlinkSync(target, rootfs + path));

/** Scripts of which each is the interpreter of the one before. */
const scripts = (count: number) => (box: Sandbox, rootfs: string) => {
  for (let number = 1; number <= count; number++)
    file(`/s${number}`, number === count ? '#!/probe\n' : `#!/s${number + 1}\n`)(box, rootfs);
};

const refusal = 'permission denied';
const absent = 'no such file or directory';
const unknown = 'exec format error';

const causes: Readonly<Record<string, Cause>> = {
  'a path where nothing is': {
    args: ['/etc/none'],
    at: 'create',
    code: 'E_EXEC_NOT_FOUND',
    phrase: `exec: "/etc/none": stat /etc/none: ${absent}`,
    why: 'there is no "none" in /etc',
    hint: /whether the image has it/,
  },
  'a directory on the way that is missing': {
    args: ['/opt/app/bin/run'],
    at: 'create',
    code: 'E_EXEC_NOT_FOUND',
    phrase: `exec: "/opt/app/bin/run": stat /opt/app/bin/run: ${absent}`,
    why: `${absent}: there is no directory /opt`,
    hint: /whether the image has it/,
  },
  'a file on the way': {
    args: ['/probe/run'],
    at: 'create',
    code: 'E_EXEC_NOT_FOUND',
    phrase: 'not a directory',
    why: 'it cannot be reached: /probe is a regular file',
    hint: /only its last element/,
  },
  'a name that PATH does not have': {
    args: ['nowhere'],
    edits: [variables('PATH=/bin:/usr/bin')],
    at: 'create',
    code: 'E_EXEC_NOT_FOUND',
    phrase: 'exec: "nowhere": executable file not found in $PATH',
    why: 'PATH is /bin:/usr/bin',
    hint: /absolute path/,
  },
  'a command line in place of a name': {
    args: ['probe report'],
    at: 'create',
    code: 'E_EXEC_NOT_FOUND',
    phrase: 'exec: "probe report": executable file not found in $PATH',
    why: /PATH is \//,
    hint: /each argument is an element of process.args/,
  },
  'a file on PATH that nobody may execute': {
    args: ['tool'],
    edits: [variables('PATH=/none:/first')],
    prepare: tool('/first/tool', 0o644),
    at: 'create',
    code: 'E_EXEC_PERMISSION',
    phrase: `exec: "tool": ${refusal}`,
    runc: 'exec: "tool": executable file not found in $PATH',
    why: '/first/tool has the mode 0644: nobody may execute it',
    hint: 'chmod +x',
  },
  'a link on PATH that leads nowhere': {
    args: ['tool'],
    edits: [variables('PATH=/etc')],
    prepare: links(['/etc/tool', '../opt/tool']),
    at: 'create',
    code: 'E_EXEC_LINK',
    phrase: 'exec: "tool": executable file not found in $PATH',
    why: '/etc/tool is a symbolic link to ../opt/tool, and /etc/../opt does not exist',
    hint: /repair the link/,
  },
  'a file that nobody may execute': {
    args: ['/tool'],
    prepare: tool('/tool', 0o644),
    at: 'create',
    code: 'E_EXEC_PERMISSION',
    phrase: `exec: "/tool": ${refusal}`,
    why: 'it has the mode 0644: nobody may execute it',
    hint: 'chmod +x',
  },
  'a file of another user': {
    args: ['/tool'],
    edits: [as(1000)],
    prepare: tool('/tool', 0o750),
    at: 'create',
    code: 'E_EXEC_PERMISSION',
    phrase: `exec: "/tool": ${refusal}`,
    why: 'it has mode 0750, owner 0:0: user 1000 with group 1000 may not execute it',
    hint: /process.user/,
  },
  'a directory of another user': {
    args: ['/private/tool'],
    edits: [as(1000)],
    prepare: (box, rootfs) => {
      tool('/private/tool')(box, rootfs);
      chmodSync(`${rootfs}/private`, 0o700);
    },
    at: 'create',
    code: 'E_EXEC_PERMISSION',
    phrase: refusal,
    why: 'it cannot be reached: user 1000 with group 1000 may not search /private (mode 0700, owner 0:0)',
    hint: /process.user/,
  },
  'a directory': {
    args: ['/etc'],
    at: 'create',
    code: 'E_EXEC_DIRECTORY',
    phrase: 'exec: "/etc": is a directory',
    why: 'only a regular file can be executed',
    hint: /name the program itself/,
  },
  'a fifo': {
    args: ['/pipe'],
    prepare: (_, rootfs) => void execFileSync('mkfifo', ['-m', '0777', `${rootfs}/pipe`]),
    at: 'create',
    code: 'E_EXEC_DIRECTORY',
    phrase: refusal,
    why: 'it is a fifo, and no program',
    hint: /name the program itself/,
  },
  'a mount with noexec': {
    args: ['/scratch/x'],
    edits: [
      mounting({ destination: '/scratch', type: 'tmpfs', source: 'tmpfs', options: ['noexec'] }),
      binding('rootfs/probe', '/scratch/x', 'noexec'),
    ],
    at: 'create',
    code: 'E_EXEC_NOEXEC',
    phrase: `exec: "/scratch/x": ${refusal}`,
    why: 'it lies on a mount with the option noexec',
    hint: /noexec out of the options/,
  },
  'a link that leads nowhere': {
    args: ['/link'],
    prepare: links(['/link', '/etc/nowhere']),
    at: 'create',
    code: 'E_EXEC_LINK',
    phrase: `exec: "/link": stat /link: ${absent}`,
    why: 'it is a symbolic link to /etc/nowhere, which does not exist',
    hint: /repair the link/,
  },
  'links in a circle': {
    args: ['/a'],
    prepare: links(['/a', 'b'], ['/b', 'a']),
    at: 'create',
    code: 'E_EXEC_LINK',
    phrase: 'too many levels of symbolic links',
    why: 'it is a symbolic link that never ends: /a -> b, /b -> a',
    hint: /lead back/,
  },
  'a missing interpreter': {
    args: ['/script'],
    prepare: file('/script', '#!/usr/bin/python3 -u\n'),
    at: 'start',
    code: 'E_EXEC_INTERPRETER',
    phrase: `exec /script: ${absent}`,
    why: 'its first line names the interpreter "/usr/bin/python3", which does not exist',
    hint: /install it in the image/,
  },
  'an interpreter with CR LF': {
    args: ['/script'],
    prepare: file('/script', '#!/probe\r\necho\r\n'),
    at: 'start',
    code: 'E_EXEC_INTERPRETER',
    phrase: `exec /script: ${absent}`,
    why: 'its first line names the interpreter "/probe\\r", which does not exist: the line ends in CR LF',
    hint: /dos2unix/,
  },
  'a relative interpreter': {
    args: ['/script'],
    prepare: file('/script', '#!sh\n'),
    at: 'start',
    code: 'E_EXEC_INTERPRETER',
    phrase: `exec /script: ${absent}`,
    why: 'its first line names the interpreter "sh", which does not exist in the working directory',
    hint: /absolute path/,
  },
  'an interpreter that nobody may execute': {
    args: ['/script'],
    prepare: (box, rootfs) => {
      tool('/tool', 0o644)(box, rootfs);
      file('/script', '#!/tool\n')(box, rootfs);
    },
    at: 'start',
    code: 'E_EXEC_INTERPRETER',
    phrase: `exec /script: ${refusal}`,
    why: 'its first line names the interpreter "/tool", which has the mode 0644: nobody may execute it',
    hint: 'chmod +x',
  },
  'too many interpreters': {
    args: ['/s1'],
    prepare: scripts(8),
    at: 'start',
    code: 'E_EXEC_INTERPRETER',
    phrase: 'exec /s1: too many levels of symbolic links',
    why: /each of its interpreters is a script that needs another: \/s2, \/s3/,
    hint: /no script/,
  },
  'a missing loader': {
    args: ['/app'],
    prepare: file('/app', elf({ loader: '/lib64/ld-linux-x86-64.so.2' })),
    at: 'start',
    code: 'E_EXEC_LOADER',
    phrase: `exec /app: ${absent}`,
    why: 'the loader /lib64/ld-linux-x86-64.so.2 that it needs does not exist: the image has no glibc for x86-64',
    hint: /link the program statically/,
  },
  'a loader for another machine': {
    args: ['/app'],
    prepare: (box, rootfs) => {
      file('/lib/ld', elf({ machine: otherMachine }))(box, rootfs);
      file('/app', elf({ loader: '/lib/ld' }))(box, rootfs);
    },
    at: 'start',
    code: 'E_EXEC_LOADER',
    phrase: 'exec /app: accessing a corrupted shared library',
    why: /the loader \/lib\/ld that it needs is made for \S+, and this machine is/,
    hint: /for this architecture/,
  },
  'a program for another machine': {
    args: ['/app'],
    prepare: file('/app', elf({ machine: otherMachine })),
    at: 'start',
    code: 'E_EXEC_ARCHITECTURE',
    phrase: `exec /app: ${unknown}`,
    why: /it is made for \S+, and this machine is \S+/,
    hint: /for this architecture/,
  },
  'an object file': {
    args: ['/app.o'],
    prepare: file('/app.o', elf({ type: 1 })),
    at: 'start',
    code: 'E_EXEC_FORMAT',
    phrase: `exec /app.o: ${unknown}`,
    why: 'it is an object file that has not been linked',
    hint: /build/,
  },
  'an empty file': {
    args: ['/empty'],
    prepare: file('/empty', ''),
    at: 'start',
    code: 'E_EXEC_FORMAT',
    phrase: `exec /empty: ${unknown}`,
    why: 'it is empty',
    hint: /copy it again/,
  },
  'a script without an interpreter': {
    args: ['/script'],
    prepare: file('/script', 'echo hello\n'),
    at: 'start',
    code: 'E_EXEC_FORMAT',
    phrase: `exec /script: ${unknown}`,
    why: 'it is a text that does not begin with "#!"',
    hint: '#!/bin/sh',
  },
  'a script with a byte order mark': {
    args: ['/script'],
    prepare: file('/script', '\ufeff#!/probe\n'),
    at: 'start',
    code: 'E_EXEC_FORMAT',
    phrase: `exec /script: ${unknown}`,
    why: 'it begins with a byte order mark',
    hint: /UTF-8 without/,
  },
  'a format that nobody knows, and that the user may not read': {
    args: ['/tool'],
    edits: [as(1000)],
    prepare: file('/tool', 'secret', 0o711),
    at: 'start',
    code: 'E_EXEC_FORMAT',
    phrase: `exec /tool: ${unknown}`,
    why: 'it is in no format that the kernel knows (it cannot be read: EACCES)',
    hint: /contents/,
  },
  'a variable that is too long': {
    args: ['/probe'],
    edits: [variables('A=1', `LONG=${'x'.repeat(200_000)}`)],
    at: 'start',
    code: 'E_EXEC_ARGUMENTS',
    phrase: 'exec /probe: argument list too long',
    why: 'the variable LONG has 200006 bytes; one string may have 131072',
    hint: /in a file/,
  },
  'too many arguments': {
    args: ['/probe', ...Array.from({ length: 70 }, () => 'x'.repeat(100_000))],
    at: 'start',
    code: 'E_EXEC_ARGUMENTS',
    phrase: 'exec /probe: argument list too long',
    why: /the 7\d arguments and variables have 7\d{6} bytes with their pointers; there is room for \d+/,
    hint: /in a file/,
  },
  'a file that is being written': {
    args: ['/tool'],
    prepare: (box, rootfs) => {
      tool('/tool')(box, rootfs);
      const writing = openSync(`${rootfs}/tool`, 'r+');
      box.undo(() => closeSync(writing));
    },
    at: 'start',
    code: 'E_EXEC_BUSY',
    phrase: 'exec /tool: text file busy',
    why: 'somebody has it open for writing',
    hint: /rename/,
  },
  'a file with capabilities that the container may not have': {
    args: ['/tool'],
    prepare: (box, rootfs) => {
      tool('/tool')(box, rootfs);
      // capabilities(7), "File capability extended attribute versioning": revision 2, effective; permitted: SYS_ADMIN.
      const value = '0100000200002000000000000000000000000000';
      const set = 'import os,sys; os.setxattr(sys.argv[1], "security.capability", bytes.fromhex(sys.argv[2]))';
      execFileSync('python3', ['-c', set, `${rootfs}/tool`, value]);
    },
    at: 'start',
    code: 'E_EXEC_PERMISSION',
    phrase: 'exec /tool: operation not permitted',
    why: 'the file /tool is to have CAP_SYS_ADMIN (setcap), which the container may not have',
    hint: /process.capabilities.bounding/,
  },
  'a user with too many processes': {
    args: ['/probe', 'exit', '0'],
    // Who is counted before init becomes that user: it is over the limit only with somebody else.
    prepare: (box) => {
      const other = spawn('sleep', ['60'], { uid: 54321, gid: 54321, stdio: 'ignore' });
      box.undo(() => void other.kill('SIGKILL'));
    },
    edits: [as(54321), (config) => void (config.process.rlimits = [{ type: 'RLIMIT_NPROC', soft: 0, hard: 0 }])],
    at: 'start',
    code: 'E_EXEC_LIMIT',
    phrase: 'exec /probe: resource temporarily unavailable',
    why: 'user 54321 has more processes than its RLIMIT_NPROC allows (0)',
    hint: /a user of its own/,
  },
};

interface Line {
  readonly msg: string;
  readonly code?: string;
  readonly pointer?: string;
  readonly hint?: string;
}

const lineOf = (stderr: string): Line => JSON.parse(stderr.trimEnd().split('\n').at(-1) || '{"msg":""}') as Line;

const prepared = (box: Sandbox, { args, edits = [], prepare }: Cause): string => {
  prepare?.(box, `${box.bundle()}/rootfs`);
  return box.bundle(program(...args), ...edits);
};

for (const [name, cause] of Object.entries(causes)) {
  const words = (flavour === 'runc' && cause.runc) || cause.phrase;

  conformance(`exec failure: ${name}: run says so in the words of runc`, (t, box) => {
    const result = box.call(['run', '--bundle', prepared(box, cause), box.id()]);
    t.equal(result.status, 1);
    t.match(result.stderr.replaceAll('\\"', '"'), words);
    t.strictSame(box.ids(), []);
  });

  conformance(
    `exec failure explained: ${name}: ${cause.at} says why`,
    (t, box) => {
      const bundle = prepared(box, cause);
      if (cause.at === 'start') box.must(['create', '--bundle', bundle, box.id()]);
      const call = cause.at === 'start' ? ['start', box.id()] : ['create', '--bundle', bundle, box.id()];
      const result = box.call(['--log-format', 'json', ...call]);
      t.equal(result.status, 1);
      const { msg, code, pointer, hint } = lineOf(result.stderr);
      t.equal(code, cause.code);
      t.match(msg, cause.phrase);
      t.match(msg, cause.why);
      t.match(hint, cause.hint);
      t.match(pointer, cause.at === 'start' ? '/process/args' : '/process/args/0');
      t.match(msg, /config\.json:\d+:\d+/);
    },
    { only: 'ocirun' },
  );
}

/** A working directory that cannot be entered. */
interface Directory {
  readonly cwd: string;
  readonly edits?: readonly Edit[];
  readonly prepare?: (box: Sandbox, rootfs: string) => void;
  readonly says: RegExp;
  readonly why: string | RegExp;
  readonly hint: RegExp;
}

const directories: Readonly<Record<string, Directory>> = {
  'a file': {
    cwd: '/probe',
    says: /not a directory/,
    why: 'it leads to a regular file',
    hint: /name a directory/,
  },
  'a path below a file': {
    cwd: '/probe/below',
    says: /not a directory/,
    why: 'it cannot be reached: /probe is a regular file and cannot have anything in it',
    hint: /last element/,
  },
  'a missing one on a read-only mount': {
    cwd: '/data/new/deep',
    edits: [binding('data', '/data', 'ro')],
    prepare: (box) => void mkdirSync(`${box.path('bundle')}/data`, { recursive: true }),
    says: /read-only file system/,
    why: 'there is no /data/new, and /data is on a read-only filesystem',
    hint: /in the image/,
  },
  'one where the kernel makes none': {
    cwd: '/proc/none',
    says: /no such file or directory/,
    why: 'it does not exist',
    hint: /in the image/,
  },
  'links in a circle': {
    cwd: '/a/below',
    prepare: links(['/a', 'b'], ['/b', 'a']),
    says: /too many levels of symbolic links|no such file or directory|unknown symlink|file exists/,
    why: 'it is a symbolic link that never ends: /a -> b, /b -> a',
    hint: /lead back/,
  },
  'a descriptor of the runtime': {
    cwd: '/proc/self/fd/7',
    says: /./,
    why: 'it passes a link of /proc, which may lead out of the root filesystem',
    hint: /name a directory/,
  },
  'one that is closed to the user namespace': {
    cwd: '/private',
    edits: [userNamespace()],
    prepare: (box, rootfs) => {
      mkdirSync(`${rootfs}/private`);
      box.give(100000);
      execFileSync('chown', ['0:0', `${rootfs}/private`]);
      chmodSync(`${rootfs}/private`, 0o700);
    },
    says: /permission denied/,
    why: /user 0 with group 0(, without CAP_DAC_OVERRIDE,)? may not search \/private \(mode 0700, owner 65534:65534/,
    hint: /chmod/,
  },
  'one that the user namespace cannot make': {
    cwd: '/closed/new',
    edits: [userNamespace()],
    prepare: (box, rootfs) => {
      mkdirSync(`${rootfs}/closed`);
      box.give(100000);
      execFileSync('chown', ['0:0', `${rootfs}/closed`]);
    },
    says: /permission denied|value too large/,
    why: /there is no \/closed\/new, and \/closed \(mode 0755, owner 65534:65534.*\) may not be written to by user 0/,
    hint: /in the image/,
  },
};

for (const [name, { cwd, edits = [], prepare, says, why, hint }] of Object.entries(directories))
  conformance(`cwd failure: ${name}`, (t, box) => {
    prepare?.(box, `${box.bundle()}/rootfs`);
    const bundle = box.bundle((config) => void (config.process.cwd = cwd), ...edits);
    const result = box.call(['--log-format', 'json', 'create', '--bundle', bundle, box.id()]);
    t.equal(result.status, 1);
    const line = lineOf(result.stderr);
    t.match(line.msg, says);
    t.strictSame(box.ids(), []);
    if (flavour === 'runc') return;
    t.equal(line.code, 'E_CWD');
    t.equal(line.pointer, '/process/cwd');
    t.match(line.msg, why);
    t.match(line.hint, hint);
  });

for (const [kind, place] of [
  ['createRuntime', ''],
  ['createContainer', ''],
  ['startContainer', 'bundle/rootfs'],
] as const)
  conformance(
    `exec failure explained: a ${kind} hook`,
    (t, box) => {
      const failure = (name: string, content: string | Uint8Array, mode: number): Line => {
        box.bundle();
        const path = box.file(`${place || 'hooks'}/${name}`, '', mode);
        writeFileSync(path, content);
        const hook = { path: place ? `/${name}` : path };
        const bundle = box.bundle((config) => void (config['hooks'] = { [kind]: [hook] }));
        const result = box.call(['--log-format', 'json', 'run', '--bundle', bundle, box.id()]);
        t.equal(result.status, 1);
        t.strictSame(box.ids(), []);
        return lineOf(result.stderr);
      };
      const fails = (name: string, content: string | Uint8Array, mode: number, words: string, why: string) => {
        const { msg, code, hint } = failure(name, content, mode);
        t.equal(code, 'E_HOOK');
        t.match(msg, `error running ${kind} hook #0: fork/exec `);
        t.match(msg, `${name}: ${words}: ${why}`);
        t.ok(hint);
      };
      fails('text', 'x', 0o644, refusal, 'it has the mode 0644: nobody may execute it');
      fails(
        'script',
        '#!/no/sh -e\n',
        0o755,
        absent,
        'its first line names the interpreter "/no/sh", which does not exist',
      );
      fails('app', elf({ loader: '/no/ld' }), 0o755, absent, 'the loader /no/ld that it needs does not exist');
      fails('other', elf({ machine: otherMachine }), 0o755, unknown, 'it is made for ');
    },
    { only: 'ocirun' },
  );

conformance(
  'exec failure explained: a seccomp filter of the caller',
  (t, box) => {
    const through = ['python3', join(import.meta.dirname, 'refuse_execve.py')];
    const call = ['--log-format', 'json', 'run', '--bundle', box.bundle(), box.id()];
    const result = box.call(call, { through });
    t.equal(result.status, 1);
    const { msg, code, hint } = lineOf(result.stderr);
    t.equal(code, 'E_EXEC_REFUSED');
    t.match(msg, 'exec /probe: operation not permitted: mode and mount allow it to user 0 with group 0');
    t.match(msg, 'a seccomp filter or a security module has refused it');
    t.match(hint, 'audit log');
    t.strictSame(box.ids(), []);
  },
  { only: 'ocirun', unless: !isStandalone && 'a filter that refuses execve(2) keeps Node from being started' },
);
