import t from 'tap';
import { OcirunError } from '../errors/error.ts';
import { defaultSpec } from './default.ts';
import { diagnosisWith } from './diagnose.ts';
import { type LoadedSpec, loadSpec } from './load.ts';

const never = (): never => {
  throw new Error('nothing is wrong with the document');
};
const diagnosis = diagnosisWith({ check: () => ({ errors: [], warnings: [] }), words: () => [] });
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

const syntax: readonly [text: string, location: string, message: RegExp][] = [
  [' \n', '2:1', /^not JSON: the file ends before there is a value$/],
  ['\ufeff{}', '1:1', /^not JSON: the file begins with a byte order mark/],
  ['{"ociVersion": "1.3.0",\n  "root": {"path"', '2:18', /^not JSON: the file ends inside the object .* line 2/],
  ['{]', '1:2', /^not JSON: expected a property name/],
  ['{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000), '1:5001', /^not JSON: nested deeper than 1000 levels$/],
  ['['.repeat(200_000), '1:1001', /^not JSON: nested deeper than 1000 levels$/],
];

t.test('what is not JSON is told with its place', async (t) => {
  for (const [text, location, message] of syntax) {
    const error = failure(text);
    t.equal(error.code, 'E_CONFIG_JSON');
    t.equal(error.details.location, `config.json:${location}`);
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
  t.throws(() => loadSpec('[1]', () => diagnosis), { message: 'the document is nested too deep' });
  JSON.parse = real;
});

const schema: readonly [document: unknown, ...errors: [pointer: string, message: string][]][] = [
  [[], ['', 'the document must be an object, not []']],
  [{}, ['/ociVersion', 'is missing: it must be a string']],
  [{ ociVersion: '1', root: {} }, ['/root/path', 'is missing: it must be a string']],
  [
    { ociVersion: 1, process: { cwd: 2, user: { uid: -1 }, args: 'sh' } },
    ['/ociVersion', 'must be a string, not 1'],
    ['/process/cwd', 'must be a string, not 2'],
    ['/process/user/uid', 'must be at least 0, not -1'],
    ['/process/args', 'must be an array, not "sh"'],
  ],
  [
    {
      ociVersion: '1',
      linux: {
        rootfsPropagation: 'none',
        seccomp: { defaultAction: 'SCMP_ACT_LOG', syscalls: [{ names: [], action: 'SCMP_ACT_LOG' }] },
      },
    },
    [
      '/linux/rootfsPropagation',
      'must be one of private, shared, slave, unbindable, rprivate, rshared, rslave, runbindable, not "none"',
    ],
    ['/linux/seccomp/syscalls/0/names', 'must have at least 1 item(s), not []'],
  ],
  [
    { ociVersion: '1', process: { cwd: '/', rlimits: [{ type: 'NOFILE', soft: 1.5, hard: 1 }] } },
    ['/process/rlimits/0/type', 'must match ^RLIMIT_[A-Z]+$, not "NOFILE"'],
    ['/process/rlimits/0/soft', 'must be an integer, not 1.5'],
  ],
];

t.test('what does not fit the schema is told, all of it, in the order of the text', async (t) => {
  for (const [document, ...errors] of schema) {
    const error = failure(JSON.stringify(document));
    t.same(
      [error, ...(error.details.others ?? [])].map(({ code, message, details }) => [code, details.pointer, message]),
      errors.map((each) => ['E_CONFIG_SCHEMA', ...each]),
    );
  }
});

t.test('of very many errors, the first hundred are told', async (t) => {
  const error = failure(JSON.stringify({ ociVersion: '1', process: { cwd: '/', args: Array(150).fill(1) } }));
  t.equal(error.details.others?.length, 100);
  t.equal(error.details.others?.at(-1)?.message, '50 more errors: see ocirun validate');
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
  t.match(
    failure(rlimit('18446744073709551616')).message,
    /^must be at most 18446744073709551615, not 18446744073709551616$/,
  );
  t.match(
    failure(memory('9223372036854775808')).message,
    /^must be at most 9223372036854775807, not 9223372036854775808$/,
  );
  t.match(
    failure(memory('-9223372036854775809')).message,
    /^must be at least -9223372036854775808, not -9223372036854775809$/,
  );
});

t.test('a NUL byte and half a character can only be written as escapes', async (t) => {
  t.equal(load('{"ociVersion": "1.3.0\\u0000"}').mayHaveNul, true);
  t.equal(load('{"ociVersion": "1.3.0\\uD800"}').mayHaveNul, true);
  t.equal(load('{"ociVersion": "1.3.0\\ud800"}').mayHaveNul, true);
  t.equal(load('{"ociVersion": "1.3.0\\u003c"}').mayHaveNul, false);
});
