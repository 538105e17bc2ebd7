import t from 'tap';
import { explainExec, type ExecFailure } from './explain-exec.ts';
import type { Facts, File, Look } from './facts.ts';

const root = { uid: 0, gid: 0, effective: 0x1ffffffffff, bounding: 0x1ffffffffff };
const user = { uid: 1000, gid: 100, effective: 0, bounding: 0 };
const kernel = { machine: 62, seccomp: 0, page: 4096 };

const file = (path: string, mode = 0o100755, more: Partial<File> = {}): File => ({
  path,
  mode,
  uid: 0,
  gid: 0,
  member: false,
  flags: 0,
  ...more,
});
const look = (path: string, more: Partial<Look> = {}): Look => ({ word: 'program', path, links: [], ...more });
const good = (path: string, more: Partial<Look> = {}): Look => look(path, { file: file(path), access: '', ...more });
const closed = (path: string, mode: number, more: Partial<File> = {}): Look =>
  look(path, { file: file(path, mode, more), access: 'EACCES' });
const none = (path: string, parent = '/', word = 'program', links: Look['links'] = []): Look =>
  look(path, { word, links, stop: { errno: 'ENOENT', path }, parent: file(parent, 0o40755) });
const stopped = (path: string, errno: string, at: string, more: Partial<Look> = {}): Look =>
  look(path, { stop: { errno, path: at }, ...more });
const script = (path: string, line: string): Look =>
  good(path, { size: 100, begins: '23212f62696e2f73', line: { whole: true, text: line } });
const containing = (begins: string, size = 100, more: Partial<Look> = {}): Look =>
  good('/x', { begins: begins.padEnd(16, '0'), size, ...more });
const elf = (machine: number, more: Partial<NonNullable<Look['elf']>> = {}): Partial<Look> => ({
  begins: '7f454c4602010100',
  size: 1000,
  elf: { bits: 2, order: 1, type: 3, machine, ...more },
});

const facts = (looks: readonly Look[], more: Partial<Facts> = {}): Facts => ({
  about: looks[0]?.path ?? '',
  looks,
  self: root,
  kernel,
  limits: { stack: 8 << 20, processes: 7 },
  others: new Map(),
  ...more,
});

type Case = readonly [
  name: string,
  errno: string,
  looks: readonly Look[],
  code: string | undefined,
  why?: string,
  more?: Partial<Facts>,
  failure?: Partial<ExecFailure>,
];

const ldso = '/lib64/ld-linux-x86-64.so.2';
const interpreter = { word: 'interpreter' } as const;
const loader = { word: 'loader' } as const;

const cases: readonly Case[] = [
  ['a missing program', 'ENOENT', [none('/bin/x', '/bin/')], 'E_EXEC_NOT_FOUND', 'there is no "x" in /bin'],
  [
    'one missing behind a link to its directory',
    'ENOENT',
    [stopped('/bin/x', 'ENOENT', '/usr/bin/x', { links: [{ path: '/bin', to: 'usr/bin' }] })],
    'E_EXEC_NOT_FOUND',
    'it does not exist (as /usr/bin/x)',
  ],
  [
    'a missing directory',
    'ENOENT',
    [stopped('/opt/a/x', 'ENOENT', '/opt', { parent: file('/') })],
    'E_EXEC_NOT_FOUND',
    'there is no directory /opt',
  ],
  [
    'a file on the way',
    'ENOTDIR',
    [stopped('/a/x', 'ENOTDIR', '/a', { file: file('/a') })],
    'E_EXEC_NOT_FOUND',
    'it cannot be reached: /a is a regular file and cannot have anything in it',
  ],
  [
    'a name too long',
    'ENAMETOOLONG',
    [stopped('/aaa', 'ENAMETOOLONG', '/aaa')],
    'E_EXEC_NOT_FOUND',
    'it is too long: an element of a path may have 255 bytes, all of it 4095',
  ],
  [
    'a dangling link',
    'ENOENT',
    [stopped('/l', 'ENOENT', '/none', { links: [{ path: '/l', to: '/none' }] })],
    'E_EXEC_LINK',
    'it is a symbolic link to /none, which does not exist',
  ],
  [
    'one behind another',
    'ENOENT',
    [
      stopped('/b/l', 'ENOENT', '/u/b/n', {
        links: [
          { path: '/b', to: 'u/b' },
          { path: '/u/b/l', to: 'm' },
          { path: '/u/b/m', to: '/u/b/n' },
        ],
      }),
    ],
    'E_EXEC_LINK',
    'it is a symbolic link to m, and /u/b/n does not exist',
  ],
  [
    'a circle',
    'ELOOP',
    [stopped('/l', 'ELOOP', '/l', { links: Array.from({ length: 8 }, () => ({ path: '/l', to: 'l' })) })],
    'E_EXEC_LINK',
    'it is a symbolic link that never ends: /l -> l',
  ],
  [
    'a closed directory',
    'EACCES',
    [stopped('/p/x', 'EACCES', '/p/x', { parent: file('/p/', 0o40700) })],
    'E_EXEC_PERMISSION',
    'it cannot be reached: user 1000 with group 100 may not search /p (mode 0700, owner 0:0)',
    { self: user },
  ],
  [
    'a directory',
    'EISDIR',
    [look('/d', { file: file('/d', 0o40755) })],
    'E_EXEC_DIRECTORY',
    'only a regular file can be executed',
  ],
  [
    'a socket',
    'EACCES',
    [look('/s', { file: file('/s', 0o140755) })],
    'E_EXEC_DIRECTORY',
    'it is a socket, and no program',
  ],
  [
    'a link to a directory',
    'EISDIR',
    [look('/l', { links: [{ path: '/l', to: 'd' }], file: file('/d', 0o40755) })],
    'E_EXEC_DIRECTORY',
    'it leads to /d, which is a directory, and no program',
  ],
  ['nobody’s', 'EACCES', [closed('/x', 0o100644)], 'E_EXEC_PERMISSION', 'it has the mode 0644: nobody may execute it'],
  [
    'nobody’s, behind a link',
    'EACCES',
    [{ ...closed('/y', 0o100600), path: '/x', links: [{ path: '/x', to: 'y' }] }],
    'E_EXEC_PERMISSION',
    'it leads to /y, which has the mode 0600: nobody may execute it',
  ],
  [
    'the owner’s alone',
    'EACCES',
    [closed('/x', 0o100700)],
    'E_EXEC_PERMISSION',
    'it has mode 0700, owner 0:0: user 1000 with group 100 may not execute it',
    { self: user },
  ],
  [
    'everybody’s but its owner’s',
    'EACCES',
    [closed('/x', 0o100655, { uid: 1000 })],
    'E_EXEC_PERMISSION',
    'it has mode 0655, owner 1000:0: user 1000 with group 100 may not execute it',
    { self: user },
  ],
  [
    'everybody’s but its group’s',
    'EACCES',
    [closed('/x', 0o100705, { member: true })],
    'E_EXEC_PERMISSION',
    'it has mode 0705, owner 0:0: user 1000 with group 100 may not execute it',
    { self: user },
  ],
  [
    'a root without power',
    'EACCES',
    [closed('/x', 0o100700, { uid: 5 })],
    'E_EXEC_PERMISSION',
    'it has mode 0700, owner 5:0: user 0 with group 0, without CAP_DAC_OVERRIDE, may not execute it',
    { self: { ...root, effective: 0x20 } },
  ],
  [
    'an owner from outside',
    'EACCES',
    [closed('/x', 0o100700, { uid: 65534 })],
    'E_EXEC_PERMISSION',
    'it has mode 0700, owner 65534:0: 65534 may be an id that the user namespace does not map: user 0 with group 0 may not execute it',
  ],
  [
    'noexec',
    'EACCES',
    [closed('/x', 0o100755, { flags: 8 })],
    'E_EXEC_NOEXEC',
    'it lies on a mount with the option noexec',
  ],
  [
    'an access control list',
    'EACCES',
    [closed('/x', 0o100755)],
    'E_EXEC_REFUSED',
    'it may not be executed by user 1000 with group 100, though its mode 0755 allows that',
    { self: user },
  ],
  [
    'a security module',
    'EACCES',
    [good('/x')],
    'E_EXEC_REFUSED',
    'mode and mount allow it to user 0 with group 0; a security module has refused it',
  ],
  [
    'a filter or a module',
    'EPERM',
    [good('/x')],
    'E_EXEC_REFUSED',
    'mode and mount allow it to user 0 with group 0; a seccomp filter or a security module has refused it',
    { kernel: { ...kernel, seccomp: 2 } },
  ],
  ['a refusal of what could not be looked at', 'EPERM', [stopped('/x', 'EIO', '/x')], undefined],
  [
    'capabilities of a file',
    'EPERM',
    [good('/x', { capabilities: { effective: true, permitted: 2 ** 21 + 2 ** 40, inheritable: 0 } })],
    'E_EXEC_PERMISSION',
    'the file /x is to have CAP_SYS_ADMIN, CAP_CHECKPOINT_RESTORE (setcap), which the container may not have',
    { self: user },
  ],
  [
    'a missing interpreter',
    'ENOENT',
    [script('/x', '#!/bin/sh'), none('/bin/sh', '/bin/', 'interpreter')],
    'E_EXEC_INTERPRETER',
    'its first line names the interpreter "/bin/sh", which does not exist',
  ],
  [
    'CR LF',
    'ENOENT',
    [script('/x', '#!/bin/sh\r'), none('/bin/sh\r', '/bin/', 'interpreter')],
    'E_EXEC_INTERPRETER',
    'its first line names the interpreter "/bin/sh\\r", which does not exist: the line ends in CR LF',
  ],
  [
    'a relative interpreter',
    'ENOENT',
    [script('/x', '#!sh'), none('sh', '.', 'interpreter')],
    'E_EXEC_INTERPRETER',
    'its first line names the interpreter "sh", which does not exist in the working directory',
  ],
  [
    'the interpreter of an interpreter',
    'EACCES',
    [
      script('/x', '#!/a'),
      { ...script('/a', '#!/b'), word: 'interpreter' },
      { ...closed('/b', 0o100755, { flags: 8 }), word: 'interpreter' },
    ],
    'E_EXEC_INTERPRETER',
    'its interpreter /a names the interpreter "/b", which lies on a mount with the option noexec',
  ],
  [
    'too many interpreters',
    'ELOOP',
    [script('/a', '#!/b'), good('/b', interpreter), good('/c', interpreter)],
    'E_EXEC_INTERPRETER',
    'each of its interpreters is a script that needs another: /b, /c; the kernel follows five',
  ],
  [
    'a script for itself',
    'ELOOP',
    [script('/a', '#!/a'), good('/a', interpreter)],
    'E_EXEC_INTERPRETER',
    'the script /a is to be interpreted by itself',
  ],
  [
    'no glibc',
    'ENOENT',
    [good('/x', elf(62)), none(ldso, '/lib64/', 'loader')],
    'E_EXEC_LOADER',
    `the loader ${ldso} that it needs does not exist: the image has no glibc for x86-64`,
  ],
  [
    'no musl',
    'ENOENT',
    [good('/x', elf(62)), none('/lib/ld-musl-x86_64.so.1', '/lib/', 'loader')],
    'E_EXEC_LOADER',
    'the loader /lib/ld-musl-x86_64.so.1 that it needs does not exist: the image has no musl for x86_64',
  ],
  [
    'no directory for the loader',
    'ENOENT',
    [good('/x', elf(62)), stopped(ldso, 'ENOENT', '/lib64', loader)],
    'E_EXEC_LOADER',
    `the loader ${ldso} that it needs does not exist: the image has no glibc for x86-64`,
  ],
  [
    'the loader of an interpreter',
    'ENOENT',
    [script('/x', '#!/bin/sh'), good('/bin/sh', { ...elf(62), ...interpreter }), none('/own', '/', 'loader')],
    'E_EXEC_LOADER',
    'the loader /own that its interpreter /bin/sh needs does not exist',
  ],
  [
    'a loader for another machine',
    'ELIBBAD',
    [good('/x', elf(62)), good('/ld', { ...elf(183), ...loader })],
    'E_EXEC_LOADER',
    'the loader /ld that it needs is made for arm64, and this machine is x86-64',
  ],
  [
    'another machine',
    'ENOEXEC',
    [good('/x', elf(183))],
    'E_EXEC_ARCHITECTURE',
    'it is made for arm64, and this machine is x86-64',
  ],
  [
    'a machine without a name',
    'ENOEXEC',
    [good('/x', elf(9999))],
    'E_EXEC_ARCHITECTURE',
    'it is made for machine 9999, and this machine is x86-64',
  ],
  [
    'the other byte order',
    'ENOEXEC',
    [good('/x', elf(22, { order: 2 }))],
    'E_EXEC_ARCHITECTURE',
    'it is made for s390x, and this machine is x86-64',
  ],
  [
    '32 bits where the kernel has none',
    'ENOEXEC',
    [good('/x', elf(3, { bits: 1 }))],
    'E_EXEC_ARCHITECTURE',
    'it is made for x86 (32 bit), which this kernel does not execute on x86-64',
  ],
  [
    'x32',
    'ENOEXEC',
    [good('/x', elf(62, { bits: 1 }))],
    'E_EXEC_ARCHITECTURE',
    'it is made for x32, which this kernel does not execute',
  ],
  [
    'a missing emulator',
    'ENOENT',
    [good('/x', elf(21))],
    'E_EXEC_ARCHITECTURE',
    'it is made for ppc64le, and this machine is x86-64: the emulator that binfmt_misc names for it does not exist in the container',
  ],
  [
    'the wrong interpreter',
    'ENOEXEC',
    [script('/x', '#!/i'), good('/i', { ...elf(183), ...interpreter })],
    'E_EXEC_ARCHITECTURE',
    'its first line names the interpreter "/i", which is made for arm64, and this machine is x86-64',
  ],
  [
    'an object file',
    'ENOEXEC',
    [good('/x', elf(62, { type: 1 }))],
    'E_EXEC_FORMAT',
    'it is an object file that has not been linked',
  ],
  ['a core dump', 'ENOEXEC', [good('/x', elf(62, { type: 4 }))], 'E_EXEC_FORMAT', 'it is the memory dump of a process'],
  [
    'a damaged program',
    'EINVAL',
    [good('/x', elf(62))],
    'E_EXEC_FORMAT',
    'it is an ELF file that is damaged or cut off',
  ],
  ['an empty file', 'ENOEXEC', [containing('', 0)], 'E_EXEC_FORMAT', 'it is empty'],
  [
    'a text',
    'ENOEXEC',
    [containing('6563686f2068690a')],
    'E_EXEC_FORMAT',
    'it is a text that does not begin with "#!"',
  ],
  ['a short text', 'ENOEXEC', [containing('6869', 2)], 'E_EXEC_FORMAT', 'it is a text that does not begin with "#!"'],
  [
    'a byte order mark',
    'ENOEXEC',
    [containing('efbbbf23212f6269')],
    'E_EXEC_FORMAT',
    'it begins with a byte order mark, and not with "#!"',
  ],
  ['UTF-16', 'ENOEXEC', [containing('fffe230021002f00')], 'E_EXEC_FORMAT', 'it is a script in UTF-16'],
  [
    'an empty line first',
    'ENOEXEC',
    [containing('0a23212f62696e2f')],
    'E_EXEC_FORMAT',
    'it has an empty line before "#!"',
  ],
  ['Windows', 'ENOEXEC', [containing('4d5a9000')], 'E_EXEC_FORMAT', 'it is a program for Windows'],
  ['macOS', 'ENOEXEC', [containing('cffaedfe')], 'E_EXEC_FORMAT', 'it is a program for macOS'],
  ['WebAssembly', 'ENOEXEC', [containing('0061736d')], 'E_EXEC_FORMAT', 'it is a WebAssembly module'],
  ['a JAR', 'ENOEXEC', [containing('504b0304')], 'E_EXEC_FORMAT', 'it is a ZIP or JAR archive'],
  ['something compressed', 'ENOEXEC', [containing('1f8b0800')], 'E_EXEC_FORMAT', 'it is compressed'],
  ['bytes', 'ENOEXEC', [containing('0001020304050607')], 'E_EXEC_FORMAT', 'it is neither an ELF program nor a script'],
  [
    'an unreadable file',
    'ENOEXEC',
    [good('/x', { read: 'EACCES' })],
    'E_EXEC_FORMAT',
    'it is in no format that the kernel knows (it cannot be read: EACCES)',
  ],
  [
    'no interpreter behind #!',
    'ENOEXEC',
    [script('/x', '#!')],
    'E_EXEC_FORMAT',
    'it has a first line that names no interpreter behind "#!"',
  ],
  [
    'a line too long',
    'ENOEXEC',
    [good('/x', { begins: '2321', size: 400, line: { whole: false, text: '#!/a' } })],
    'E_EXEC_FORMAT',
    'it has a first line of more than 255 bytes',
  ],
  ['a busy file', 'ETXTBSY', [good('/x')], 'E_EXEC_BUSY', 'somebody has it open for writing'],
  [
    'a long argument',
    'E2BIG',
    [good('/x')],
    'E_EXEC_ARGUMENTS',
    'process.args[1] has 131073 bytes; one string may have 131072',
    {},
    { strings: ['/x', 'é'.repeat(65536), 'A=1'], args: 2 },
  ],
  [
    'a long variable',
    'E2BIG',
    [good('/x')],
    'E_EXEC_ARGUMENTS',
    'the variable A has 150003 bytes; one string may have 131072',
    {},
    { strings: ['/x', `A=${'€'.repeat(50000)}`], args: 1 },
  ],
  [
    'many arguments',
    'E2BIG',
    [good('/x')],
    'E_EXEC_ARGUMENTS',
    'the 9 arguments and variables have 900074 bytes with their pointers; there is room for 262144',
    { limits: { stack: 1 << 20, processes: 0 } },
    { strings: ['/', ...Array.from({ length: 8 }, () => 'x'.repeat(112_499))], args: 9 },
  ],
  ['arguments of a hook', 'E2BIG', [good('/x')], undefined],
  [
    'processes',
    'EAGAIN',
    [good('/x')],
    'E_EXEC_LIMIT',
    'user 1000 has more processes than its RLIMIT_NPROC allows (7)',
    { self: user },
  ],
  ['memory', 'ENOMEM', [good('/x')], 'E_EXEC_LIMIT', 'memory is used up'],
  ['files', 'ENFILE', [good('/x')], 'E_EXEC_LIMIT', 'too many files are open'],
  ['nothing on PATH', 'ENOENT', [], 'E_EXEC_NOT_FOUND', 'PATH is /a:/b', { about: 'x' }, { searched: '/a:/b' }],
  ['an empty PATH', 'ENOENT', [], 'E_EXEC_NOT_FOUND', 'PATH is empty', { about: 'x' }, { searched: '' }],
  ['no name', 'ENOENT', [], 'E_EXEC_NOT_FOUND', 'process.args[0] is empty', {}, { searched: '/a' }],
  [
    'one on PATH that may not be executed, after a directory',
    'EACCES',
    [
      { ...good('/0/x'), word: 'candidate', file: file('/0/x', 0o40755) },
      { ...closed('/a/x', 0o100644), word: 'candidate' },
    ],
    'E_EXEC_PERMISSION',
    '/a/x has the mode 0644: nobody may execute it',
    { about: 'x' },
    { searched: '/0:/a' },
  ],
  [
    'a fifo on PATH',
    'EACCES',
    [{ ...look('/a/x'), word: 'candidate', file: file('/a/x', 0o10755) }],
    'E_EXEC_DIRECTORY',
    '/a/x is a fifo, and no program',
    { about: 'x' },
    { searched: '/a' },
  ],
  [
    'a directory on PATH',
    'ENOENT',
    [{ ...look('/a/x'), word: 'candidate', file: file('/a/x', 0o40755) }],
    'E_EXEC_DIRECTORY',
    '/a/x is a directory, and no program',
    { about: 'x' },
    { searched: '/a' },
  ],
  ['what nobody knows', 'EIO', [], undefined],
  ['an error without a rule', 'ENOSYS', [good('/x')], undefined],
];

/** Engines look for these in the whole message: no reason may have another's (podman, docker: runtimes.md, section 9). */
const phrases =
  /no such file|permission denied|not permitted|not a directory|format error|not found in|too many levels|file busy/;

for (const [name, errno, looks, code, why, more = {}, failure = {}] of cases)
  t.test(name, async (t) => {
    const found = explainExec({ errno, facts: facts(looks, more), ...failure });
    t.equal(found?.code, code);
    t.equal(found?.why, why);
    if (!found) return;
    t.notMatch(found.why, phrases);
    t.notMatch(found.hint, phrases);
    t.ok(found.hint);
  });

t.test('what to do is told of each cause', async (t) => {
  const hint = (errno: string, ...looks: Look[]): string | undefined =>
    explainExec({ errno, facts: facts(looks) })?.hint;
  t.match(hint('ENOENT', none('/x')), 'whether the image has it');
  t.match(hint('EACCES', closed('/x', 0o100755, { flags: 8 })), 'take noexec out');
  const from = script('/x', '#!/i');
  t.match(hint('ENOENT', from, none('/i', '/', 'interpreter')), 'install it in the image');
  t.match(hint('EACCES', from, { ...closed('/i', 0o100644), word: 'interpreter' }), 'chmod +x');
  t.match(hint('ENOENT', from, none('/i\r', '/', 'interpreter')), 'dos2unix');
  t.match(hint('ENOENT', good('/x', elf(62)), none('/ld', '/', 'loader')), 'statically');
  t.match(hint('EACCES', good('/x', elf(62)), { ...closed('/ld', 0o100644), word: 'loader' }), 'chmod +x');
});

t.test('a refusal is nobody’s where one of the files could not be looked at', async (t) => {
  const unseen = look('/i', { word: 'interpreter', stop: { errno: 'EIO', path: '/i' } });
  t.equal(explainExec({ errno: 'EACCES', facts: facts([script('/x', '#!/i'), unseen]) }), undefined);
  t.equal(explainExec({ errno: 'EPERM', facts: facts([look('/x', { file: file('/x') })]) }), undefined);
});

t.test('a blank in the name', async (t) => {
  const found = explainExec({ errno: 'ENOENT', facts: facts([], { about: 'sh -c x' }), searched: '/bin' });
  t.match(found?.hint, 'each argument is an element of process.args of its own');
});
