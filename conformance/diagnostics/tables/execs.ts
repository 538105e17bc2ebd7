/** Programs that cannot be executed: as many causes as execve(2) has one errno for. */
import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { probe } from '../../lib/runtime.ts';
import type { Sandbox } from '../../lib/sandbox.ts';
import { type Entry, editing } from '../entry.ts';

const notFound = 'no such file or directory';
const notOnPath = 'executable file not found in $PATH';
const notAllowed = 'permission denied';

const program = (
  name: string,
  args: string | readonly string[],
  prepare: (box: Sandbox) => void,
  more: Partial<Entry> = {},
): Entry =>
  editing(name, (config) => void (config.process.args = typeof args === 'string' ? [args] : [...args]), {
    prepare,
    ...more,
  });

const nothing = (): void => undefined;

const inside = (box: Sandbox, path: string): string => {
  const file = join(box.rootfs(), path);
  mkdirSync(dirname(file), { recursive: true });
  return file;
};

const put = (box: Sandbox, path: string, content: string | Uint8Array, mode = 0o755): void => {
  const file = inside(box, path);
  writeFileSync(file, content);
  chmodSync(file, mode);
};

const app = (content: string | Uint8Array, mode?: number) => (box: Sandbox) => put(box, 'app', content, mode);

/** The probe with another number somewhere in its ELF header. */
const changed = (offset: number, value: number): Uint8Array => {
  const image = readFileSync(probe);
  image.writeUInt16LE(value, offset);
  return image;
};

/** An ELF header, one program header (PT_INTERP), and the path of a loader. */
const dynamic = (loader: string): Uint8Array => {
  const image = Buffer.concat([readFileSync(probe).subarray(0, 64), Buffer.alloc(56), Buffer.from(`${loader}\0`)]);
  image.writeUInt16LE(3, 16); // ET_DYN
  image.writeBigUInt64LE(64n, 32); // e_phoff
  image.writeUInt16LE(1, 56); // e_phnum
  image.writeUInt32LE(3, 64); // PT_INTERP
  image.writeUInt32LE(4, 68);
  image.writeBigUInt64LE(120n, 72);
  image.writeBigUInt64LE(BigInt(loader.length + 1), 96);
  image.writeBigUInt64LE(BigInt(loader.length + 1), 104);
  return image;
};

const machine = 18;
const s390 = 22;

const start = { atStart: true } as const;

export const execs: readonly Entry[] = [
  program('exec-missing', '/bin/app', nothing, { engines: notFound }),
  program('exec-missing-directory', '/opt/app/bin/app', nothing, { engines: notFound }),
  program('exec-not-on-path', 'app', nothing, { engines: notOnPath }),
  program('exec-not-on-a-path-of-several', 'app', nothing, {
    edit: (config) => {
      config.process.args = ['app'];
      config.process.env = ['PATH=/usr/local/bin:/usr/bin:/bin'];
    },
    engines: notOnPath,
  }),
  program('exec-without-a-path', 'app', nothing, {
    edit: (config) => {
      config.process.args = ['app'];
      config.process.env = ['TERM=xterm'];
    },
    engines: notOnPath,
  }),
  program('exec-on-path-not-executable', 'app', (box) => put(box, 'bin/app', '#!/bin/sh\n', 0o644), {
    engines: notAllowed,
  }),
  program('exec-empty-name', '', nothing),
  program('exec-relative', './bin/app', nothing, { engines: notFound }),
  program('exec-command-line-in-one-string', '/probe exit 0', nothing, { engines: notFound }),
  program('exec-typo-in-a-name', '/prob', nothing, { engines: notFound }),
  program('exec-dangling-link', '/app', (box) => symlinkSync('/opt/app/bin/app', inside(box, 'app')), {
    engines: notFound,
  }),
  program('exec-link-to-itself', '/app', (box) => symlinkSync('app', inside(box, 'app'))),
  program('exec-file-on-the-way', '/probe/app', nothing),
  program('exec-directory', '/bin', (box) => mkdirSync(inside(box, 'bin')), { engines: 'is a directory' }),
  program('exec-not-executable', '/app', app('#!/probe\n', 0o644), { engines: notAllowed }),
  program('exec-not-for-the-user', '/app', app('#!/probe\n', 0o700), {
    edit: (config) => {
      config.process.args = ['/app'];
      config.process.user = { uid: 1000, gid: 1000 };
    },
    engines: notAllowed,
  }),
  program(
    'exec-directory-not-for-the-user',
    '/opt/app',
    (box) => {
      put(box, 'opt/app', '#!/probe\n');
      chmodSync(inside(box, 'opt'), 0o711);
      chmodSync(join(box.rootfs(), 'opt'), 0o700);
    },
    {
      edit: (config) => {
        config.process.args = ['/opt/app'];
        config.process.user = { uid: 1000, gid: 1000 };
      },
      engines: notAllowed,
    },
  ),
  program('exec-noexec-mount', '/mnt/app', (box) => copyFileSync(probe, box.path('mounted/app')), {
    edit: (config, box) => {
      mkdirSync(box.path('mounted'));
      config.process.args = ['/mnt/app'];
      config.mounts.push({ destination: '/mnt', source: box.path('mounted'), options: ['rbind', 'noexec'] });
    },
    engines: notAllowed,
  }),
  program('exec-interpreter-missing', '/app', app('#!/usr/bin/python3 -u\nprint()\n'), { ...start, engines: notFound }),
  program('exec-interpreter-with-a-carriage-return', '/app', app('#!/probe\r\nexit 0\r\n'), {
    ...start,
    engines: notFound,
  }),
  program('exec-interpreter-of-env-with-a-carriage-return', '/app', app('#!/usr/bin/env sh\r\n'), {
    ...start,
    engines: notFound,
  }),
  program('exec-interpreter-relative', '/app', app('#!bin/sh\n'), start),
  program(
    'exec-interpreter-not-executable',
    '/app',
    (box) => {
      put(box, 'shell', '', 0o644);
      put(box, 'app', '#!/shell\n');
    },
    { ...start, engines: notAllowed },
  ),
  program('exec-interpreter-is-a-directory', '/app', app('#!/etc\n'), start),
  program('exec-interpreter-none', '/app', app('#!\n'), start),
  program('exec-interpreters-without-end', '/app', app('#!/app\n'), start),
  program('exec-loader-missing', '/app', app(dynamic('/lib/ld-musl-example.so.1')), { ...start, engines: notFound }),
  program('exec-architecture', '/app', app(changed(machine, s390)), {
    ...start,
    engines: 'exec format error',
    // The tests run on other processors, too.
    varies: () => [[/this machine is [\w-]+/g, 'this machine is ANOTHER']],
  }),
  program('exec-text-without-an-interpreter', '/app', app('echo hello\n'), { ...start, engines: 'exec format error' }),
  program('exec-empty-file', '/app', app(''), { ...start, engines: 'exec format error' }),
  program('exec-truncated', '/app', (box) => put(box, 'app', readFileSync(probe).subarray(0, 40)), {
    ...start,
    engines: 'exec format error',
  }),
  program('exec-byte-order-mark', '/app', app('\ufeff#!/probe\n'), { ...start, engines: 'exec format error' }),
  program('exec-arguments-too-long', ['/probe', 'exit', '0', 'x'.repeat(200_000)], nothing, start),
];
