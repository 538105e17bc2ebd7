import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { conformance } from '../lib/conformance.ts';
import type { Result } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';

/** Half a megabyte of stack: an engine that counts on more crashes. */
const smallStack = ['sh', '-c', 'ulimit -s 512; exec "$@"', 'sh'];

const good = '{"ociVersion": "1.3.0", "root": {"path": "rootfs"}, "process": {"cwd": "/", "args": ["x"]}';
const withMore = (more: string): string => `${good}, ${more}}`;

/** What a config.json may be instead, and what is said of it: the code, and the end of the line. */
type Case = readonly [name: string, content: string | Uint8Array, code: string, says: RegExp];

const contents: readonly Case[] = [
  ['empty', '', 'E_CONFIG_JSON', /config\.json:1:1: the file is empty$/],
  ['blank', ' \n', 'E_CONFIG_JSON', /config\.json:2:1: not JSON: the file ends before there is a value$/],
  [
    'cut off',
    withMore('"hostname": "a').slice(0, -3),
    'E_CONFIG_JSON',
    /: not JSON: the file ends inside .*cut off\?$/,
  ],
  ['a NUL byte', '{"a": \0}', 'E_CONFIG_JSON', /config\.json:1:7: not JSON: the file has a NUL byte \(0\)$/],
  ['NUL bytes alone', '\0'.repeat(4096), 'E_CONFIG_JSON', /config\.json:1:1: not JSON: the file has a NUL byte/],
  ['a byte order mark', `\ufeff${good}}`, 'E_CONFIG_JSON', /config\.json:1:1: not JSON: .*byte order mark/],
  [
    'Latin-1',
    Buffer.from(`${good},\n"é": 1}`, 'latin1'),
    'E_CONFIG_JSON',
    /config\.json:2:2: not UTF-8: .* 0xe9, at offset/,
  ],
  [
    'UTF-16',
    Buffer.from(`\ufeff${good}}`, 'utf16le'),
    'E_CONFIG_JSON',
    /config\.json:1:1: not UTF-8: the file is UTF-16/,
  ],
  [
    'UTF-16 without a mark',
    Buffer.from(`${good}}`, 'utf16le'),
    'E_CONFIG_JSON',
    /config\.json:1:2: not JSON: .*UTF-16/,
  ],
  ['a list', '[]', 'E_CONFIG_SCHEMA', /config\.json:1:1: the document must be an object, not \[\]$/],
  ['a number', '12', 'E_CONFIG_SCHEMA', /config\.json:1:1: the document must be an object, not 12$/],
  ['a comment', '{\n  // why\n}', 'E_CONFIG_JSON', /config\.json:2:3: not JSON: JSON has no comments$/],
  ['a trailing comma', '{"a": 1,}', 'E_CONFIG_JSON', /config\.json:1:9: .*no comma after the last one$/],
  ['single quotes', "{'a': 1}", 'E_CONFIG_JSON', /config\.json:1:2: .*double quotes/],
  ['100,000 open lists', '['.repeat(100_000), 'E_CONFIG_JSON', /:1:1001: not JSON: nested deeper than 1000 levels$/],
  ['100,000 objects', '{"a":'.repeat(100_000), 'E_CONFIG_JSON', /:1:5001: not JSON: nested deeper than 1000 levels$/],
  [
    'half a character',
    withMore('"annotations": {"a": "\\ud800"}'),
    'E_CONFIG_RULE',
    / \/annotations\/a: .*surrogate pair/,
  ],
  ['half a character in a name', withMore('"\\udc00": {"a": 1}'), 'E_CONFIG_RULE', /:1:1: .*name.*surrogate pair/],
  ['an escaped NUL', withMore('"annotations": {"a": "b\\u0000"}'), 'E_CONFIG_RULE', / \/annotations\/a: .*NUL byte$/],
  [
    'a string of 40 MB',
    withMore(`"annotations": {"a": "${'x'.repeat(40 << 20)}"}, "root": 1`),
    'E_CONFIG_SCHEMA',
    / \/root: /,
  ],
];

/** The command fails with one line that says it, and no more. */
function fails(t: Test, result: Result, says: RegExp, name: string): void {
  t.equal(result.status, 1, `${name}: it fails`);
  t.match(result.stderr.trimEnd(), says, name);
  t.equal(result.stderr.trimEnd().split('\n').length, 1, `${name}: in one line`);
}

/** The same of `validate`, which has its findings on standard output, with hints in lines of their own. */
function finds(t: Test, { status, stdout, stderr }: Result, says: RegExp, name: string): void {
  t.equal(status, 1, `${name}: it fails`);
  t.equal(stderr, '', name);
  const [first = '', ...rest] = stdout.trimEnd().split('\n');
  const hint = rest.filter((line) => line.startsWith('    hint: ')).map((line) => ` (${line.slice(10)})`);
  t.match(first + hint.join(''), says, name);
  t.match(rest.at(-1), /config\.json: 1 error, 0 warnings$/, name);
}

const bundleWith = (box: Sandbox, content: string | Uint8Array): string => {
  mkdirSync(box.path('bundle/rootfs'), { recursive: true });
  writeFileSync(box.path('bundle/config.json'), content);
  return box.path('bundle');
};

conformance(
  'what is no config.json is refused in one line, whatever it is',
  (t, box) => {
    for (const [name, content, code, says] of contents) {
      const bundle = bundleWith(box, content);
      const created = box.call(['create', '--bundle', bundle, box.id()], { through: smallStack });
      fails(t, created, says, `create, ${name}`);
      const log = box.call(['--log-format', 'json', 'plan', '--bundle', bundle], { through: smallStack });
      t.match(JSON.parse(log.stderr.split('\n')[0] ?? ''), { level: 'error', code }, `plan, ${name}`);
      const checked = box.call(['validate', bundle], { through: smallStack });
      t.equal(checked.status, 1, `validate, ${name}`);
      t.match(checked.stdout + checked.stderr, code === 'E_CONFIG_JSON' ? /config\.json:\d+:\d+: / : code);
      t.strictSame(box.ids(), []);
    }
  },
  { only: 'ocirun' },
);

conformance(
  'what is nested deep where nobody looks is one thing to all commands',
  (t, box) => {
    const bundle = bundleWith(box, withMore(`"a": ${'['.repeat(40_000)}${']'.repeat(40_000)}`));
    for (const through of [[], smallStack]) {
      const { status, stderr } = box.call(['plan', '--bundle', bundle], { through });
      t.equal(box.call(['validate', bundle], { through }).status, status, stderr);
      if (status !== 0) t.match(stderr, /config\.json:1:1: the document is nested too deep$/m);
    }
  },
  { only: 'ocirun' },
);

const files: readonly (readonly [name: string, make: (path: string) => void, says: RegExp])[] = [
  ['missing', () => undefined, /config\.json: no such file or directory \(.*ocirun spec/],
  ['a directory', (path) => void mkdirSync(path), /config\.json: it is a directory, not a file$/],
  ['a named pipe', (path) => void execFileSync('mkfifo', [path]), /config\.json: it is a named pipe, not a file$/],
  ['a device', (path) => symlinkSync('/dev/null', path), /config\.json: it is a device, not a file$/],
  ['a device without end', (path) => symlinkSync('/dev/zero', path), /config\.json: it is a device, not a file$/],
  ['a link to itself', (path) => symlinkSync('config.json', path), /config\.json: too many levels of symbolic links$/],
  ['100 MB', (path) => (writeFileSync(path, '{'), truncateSync(path, 100 << 20)), /it is larger than 64 MiB$/],
];

conformance(
  'what is no file at all is refused at once',
  (t, box) => {
    for (const [name, make, says] of files) {
      const bundle = box.bundle();
      const path = join(bundle, 'config.json');
      rmSync(path, { recursive: true, force: true });
      make(path);
      fails(t, box.call(['create', '--bundle', bundle, box.id()], { timeout: 20_000 }), says, `create, ${name}`);
      finds(t, box.call(['validate', '--bundle', bundle], { timeout: 20_000 }), says, `validate, ${name}`);
      rmSync(path, { recursive: true, force: true });
    }
  },
  { only: 'ocirun' },
);

conformance(
  'a named pipe that somebody writes to keeps nobody waiting either',
  (t, box) => {
    const bundle = box.bundle();
    const path = join(bundle, 'config.json');
    rmSync(path);
    execFileSync('mkfifo', [path]);
    const held = openSync(path, 'r+');
    box.undo(() => closeSync(held));
    finds(t, box.call(['validate', bundle], { timeout: 20_000 }), /it is a named pipe, not a file$/, 'a named pipe');
  },
  { only: 'ocirun' },
);

conformance(
  'a bundle that is missing, or is a file, is told from a config.json that is missing',
  (t, box) => {
    finds(
      t,
      box.call(['validate', box.path('none')]),
      /no such file or directory \(there is no directory .*none: /,
      'none',
    );
    finds(t, box.call(['validate', box.file('file')]), /not a directory \(.*file is no directory: /, 'a file');
  },
  { only: 'ocirun' },
);

conformance(
  'a config.json that may not be read is told as such',
  (t, box) => {
    const bundle = bundleWith(box, `${good}}`);
    execFileSync('chmod', ['755', box.directory, bundle]);
    execFileSync('chmod', ['600', join(bundle, 'config.json')]);
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    finds(t, box.plain(['validate', bundle], { through: nobody }), /config\.json: permission denied$/, 'nobody');
  },
  { only: 'ocirun' },
);
