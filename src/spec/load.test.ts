import t from 'tap';
import { OcirunError } from '../errors/error.ts';
import { defaultSpec } from './default.ts';
import { diagnosis } from './diagnose.ts';
import { type LoadedSpec, loadSpec } from './load.ts';

const never = (): never => {
  throw new Error('nothing is wrong with the document');
};
const load = (text: string): LoadedSpec => loadSpec(text, () => diagnosis);

function failure(text: string): OcirunError {
  try {
    load(text);
  } catch (error) {
    if (error instanceof OcirunError) return error;
    throw error;
  }
  throw new Error(`taken: ${text}`);
}

t.test('a good document needs no diagnosis', async (t) => {
  const spec = defaultSpec({ rootless: false, cgroup2: true, euid: 0, egid: 0 });
  const loaded = loadSpec(JSON.stringify(spec), never);
  t.same(loaded, { spec, exact: new Map(), mayHaveNul: false });
});

t.test('a rare value is looked at twice, and taken', async (t) => {
  const document = { ociVersion: '1.3.0', process: { cwd: '/', execCPUAffinity: { initial: '0-3' } }, zos: {} };
  t.same(load(JSON.stringify(document)).spec, document);
});

const syntax: readonly [text: string, message: RegExp][] = [
  ['', /^read config.json: the file is empty$/],
  [' \n', /^read config.json: the file is empty$/],
  ['\ufeff{}', /^read config.json:1:1: the file begins with a byte order mark/],
  [
    '{"ociVersion": "1.3.0",\n  "root": {"path"',
    /^read config.json:2:18: the file ends inside the object that begins in line 2/,
  ],
  ['{]', /^read config.json:1:2: expected a property name/],
  ['{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000), /^read config.json: it is nested deeper than 1000 levels$/],
  ['['.repeat(200_000), /^read config.json: it is nested deeper than 1000 levels$/],
];

t.test('what is not JSON is told with its place', async (t) => {
  for (const [text, message] of syntax) {
    const error = failure(text);
    t.equal(error.code, 'E_CONFIG_JSON');
    t.match(error.message, message);
  }
});

t.test('a long document is no deep one', async (t) => {
  const annotations = Object.fromEntries(
    Array.from({ length: 3000 }, (_, index) => [`name${index}`, '{[ "\\" '.repeat(5)]),
  );
  t.same(load(JSON.stringify({ ociVersion: '1.3.0', annotations })).spec.annotations, annotations);
});

t.test('an engine that runs out of stack says so', async (t) => {
  const real = JSON.parse;
  JSON.parse = () => {
    throw new RangeError('Maximum call stack size exceeded');
  };
  t.teardown(() => (JSON.parse = real));
  t.throws(() => loadSpec('[1]', () => diagnosis), { message: 'read config.json: it is nested too deep' });
  JSON.parse = real;
});

const schema: readonly [document: unknown, pointer: string, message: string][] = [
  [[], '', 'check config.json: it must be an object'],
  [{}, '', "check config.json: it must have the property 'ociVersion'"],
  [{ ociVersion: '1', root: {} }, '/root', "check config.json: /root must have the property 'path'"],
  [
    { ociVersion: 1, process: { cwd: 2, user: { uid: -1 }, args: 'sh' } },
    '/ociVersion',
    'check config.json: /ociVersion must be a string; /process/user/uid must be at least 0; ' +
      '/process/args must be an array; /process/cwd must be a string',
  ],
  [
    {
      ociVersion: '1',
      linux: {
        rootfsPropagation: 'none',
        seccomp: { defaultAction: 'SCMP_ACT_LOG', syscalls: [{ names: [], action: 'SCMP_ACT_LOG' }] },
      },
    },
    '/linux/seccomp/syscalls/0/names',
    'check config.json: /linux/seccomp/syscalls/0/names must have at least 1 item(s); ' +
      '/linux/rootfsPropagation must be one of private, shared, slave, unbindable, rprivate, rshared, rslave, ' +
      'runbindable',
  ],
  [
    { ociVersion: '1', process: { cwd: '/', rlimits: [{ type: 'NOFILE', soft: 1.5, hard: 1 }] } },
    '/process/rlimits/0/type',
    'check config.json: /process/rlimits/0/type must match ^RLIMIT_[A-Z]+$; /process/rlimits/0/soft must be an integer',
  ],
];

t.test('what does not fit the schema is told, all of it', async (t) => {
  for (const [document, pointer, message] of schema) {
    const error = failure(JSON.stringify(document));
    t.equal(error.code, 'E_CONFIG_SCHEMA');
    t.equal(error.message, message);
    t.equal(error.details.pointer, pointer);
  }
});

const rlimit = (soft: string): string =>
  `{"ociVersion": "1.3.0", "process": {"cwd": "/", "rlimits": [{"type": "RLIMIT_AS", "soft": ${soft}, "hard": 18446744073709551615}]}}`;
const memory = (limit: string): string =>
  `{"ociVersion": "1.3.0", "linux": {"resources": {"memory": {"limit": ${limit}}}}}`;

t.test('integers keep their digits', async (t) => {
  const { exact } = load(rlimit('9007199254740993'));
  t.equal(exact.get('/process/rlimits/0/soft'), 9007199254740993n);
  t.equal(exact.get('/process/rlimits/0/hard'), 18446744073709551615n);
  t.equal(load(memory('9223372036854775807')).exact.get('/linux/resources/memory/limit'), 9223372036854775807n);
  t.equal(load(memory('-9223372036854775808')).exact.size, 1);
});

t.test('one more than fits is one too many, though as numbers they are the same', async (t) => {
  t.match(failure(rlimit('18446744073709551616')).message, /soft must be at most 18446744073709551615$/);
  t.match(failure(memory('9223372036854775808')).message, /limit must be at most 9223372036854775807$/);
  t.match(failure(memory('-9223372036854775809')).message, /limit must be at least -9223372036854775808$/);
});

t.test('a NUL byte can only be written as an escape', async (t) => {
  t.equal(load('{"ociVersion": "1.3.0\\u0000"}').mayHaveNul, true);
});
