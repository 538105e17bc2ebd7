/** Files that are no JSON, or none that can be read. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Sandbox } from '../../lib/sandbox.ts';
import { type Entry, replacing } from '../entry.ts';

const config = (box: Sandbox): string => join(box.path('bundle'), 'config.json');

const instead = (name: string, make: (path: string) => void): Entry => ({
  name,
  prepare: (box) => {
    rmSync(config(box));
    make(config(box));
  },
});

const written = (name: string, text: (text: string) => string | Uint8Array): Entry => ({ name, text });

const joined = (...parts: (string | readonly number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([...part]))));

/** The text with bytes in the place of its hostname. */
const named = (text: string, bytes: readonly number[]): Buffer => {
  const [before = '', behind = ''] = text.split('example');
  return joined(before, bytes, behind);
};

export const texts: readonly Entry[] = [
  replacing('json-comma-after-the-last-item', '"0"\n', '"0",\n'),
  replacing('json-comma-missing', '"ociVersion": "1.3.0",', '"ociVersion": "1.3.0"'),
  replacing('json-comma-after-the-last-member', '"cwd": "/"\n', '"cwd": "/",\n'),
  replacing('json-comment', '"root": {', '// the root\n  "root": {'),
  replacing('json-single-quotes', '"example"', "'example'"),
  replacing('json-name-without-quotes', '"hostname"', 'hostname'),
  replacing('json-colon-missing', '"hostname":', '"hostname"'),
  replacing('json-bracket-for-brace', /\]\n {2}\}\n\}\n$/, ']\n  ]\n}\n'),
  replacing('json-newline-in-a-string', '"example"', '"exam\nple"'),
  replacing('json-unknown-escape', '"example"', '"exam\\ple\\x41"'),
  replacing('json-number-with-a-leading-zero', '"uid": 0', '"uid": 01'),
  replacing('json-number-in-hexadecimal', '"uid": 0', '"uid": 0x10'),
  replacing('json-word-that-is-none', '"uid": 0', '"uid": None'),
  replacing('json-true-in-capitals', '"path": "rootfs"', '"path": "rootfs",\n    "readonly": True'),
  replacing('json-more-behind-the-end', /$/, '{}\n'),
  written('json-truncated', (text) => text.slice(0, text.indexOf('"network"') + 4)),
  written('json-truncated-between-members', (text) => text.slice(0, text.indexOf('  "hostname"'))),
  written('json-byte-order-mark', (text) => `\ufeff${text}`),
  written('json-utf-16', (text) => joined([0xff, 0xfe], [...Buffer.from(text, 'utf16le')])),
  written('json-not-utf-8', (text) => named(text, [0x62, 0xfc, 0x63, 0x68])),
  written('json-nul-byte', (text) => named(text, [0x61, 0, 0x62])),
  written('json-empty', () => ''),
  written('json-blank', () => ' \n\n'),
  written('json-deep', (text) => text.replace('"example"', `${'['.repeat(100_000)}${']'.repeat(100_000)}`)),
  written('json-array-as-document', () => '[]\n'),
  written('json-null-as-document', () => 'null\n'),
  written('json-bad-document-of-upstream', () => '{]\n'),
  replacing('json-huge-integer', '"uid": 0', '"uid": 100000000000000000000'),
  replacing(
    'json-integer-beyond-64-bits',
    '"cwd": "/"',
    '"cwd": "/",\n    "rlimits": [{"type": "RLIMIT_CPU", "soft": 1, "hard": 18446744073709551616}]',
  ),
  replacing('json-lone-surrogate', '"example"', '"\\ud800"'),
  replacing('json-lone-surrogate-in-a-name', '"hostname"', '"annotations": {"\\udc00": "x"},\n  "hostname"'),
  replacing('json-nul-escaped', '"/probe"', '"/pro\\u0000be"'),
  replacing('json-nul-escaped-in-a-name', '"linux": {', '"linux": {\n    "sysctl": {"net.\\u0000a": "1"},'),

  instead('config-missing', () => undefined),
  instead('config-is-a-directory', (path) => mkdirSync(path)),
  instead('config-is-a-dangling-link', (path) => symlinkSync('elsewhere.json', path)),
  instead('config-is-a-link-to-itself', (path) => symlinkSync('config.json', path)),
  instead('config-is-a-device', (path) => symlinkSync('/dev/null', path)),
  instead('config-is-a-fifo', (path) => execFileSync('mkfifo', [path])),
  instead('config-is-larger-than-any', (path) => execFileSync('truncate', ['-s', '100M', path])),
  instead('config-is-a-socket', (path) =>
    execFileSync('python3', ['-c', 'import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])', path]),
  ),
  { name: 'bundle-missing', call: (box) => ['create', '--bundle', box.path('nowhere'), box.id()] },
  {
    name: 'bundle-is-a-file',
    call: (box) => ['create', '--bundle', box.file('a-file'), box.id()],
  },
];
