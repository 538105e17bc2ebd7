import t from 'tap';
import { OcirunError } from '../errors/error.ts';
import type { Log } from '../log.ts';
import type { Native } from '../sys/native.ts';

globalThis.ocirunNative = {} as Native;
const { report } = await import('./report.ts');

type Line = readonly [kind: string, message: string, fields?: unknown];

function told(error: unknown, command: Parameters<typeof report>[1]): Line[] {
  const lines: Line[] = [];
  const log: Log = {
    debugging: false,
    debug: () => undefined,
    warn: () => undefined,
    error: (message, fields) => lines.push(['error', message, fields]),
    lastError: (message, fields) => lines.push(['last', message, fields]),
  };
  report(error, command, log);
  return lines;
}

const cwd = new OcirunError('E_CONFIG_RULE', 'Cwd must be an absolute path', {
  pointer: '/process/cwd',
  location: 'config.json:3:12',
  found: '"tmp"',
  rule: 'cwdIsAbsolute',
});
const hostname = new OcirunError('E_CONFIG_SCHEMA', 'must be a string', {
  pointer: '/hostname',
  location: 'config.json:1:5',
  hint: 'put it in quotes',
});

t.test('an error says where, what and what to do, behind the words that engines cut off', async (t) => {
  t.match(told(hostname, 'create'), [
    ['error', 'ocirun create failed: config.json:1:5 /hostname: must be a string (put it in quotes)'],
  ]);
  t.match(told(hostname, 'plan'), [['error', 'config.json:1:5 /hostname: must be a string (put it in quotes)']]);
});

t.test('of several errors each has a line with its own fields, and the last line has them all', async (t) => {
  const both = new OcirunError(cwd.code, cwd.message, { ...cwd.details, others: [hostname] });
  const first = { code: 'E_CONFIG_RULE', pointer: '/process/cwd', found: '"tmp"', rule: 'cwdIsAbsolute' };
  t.match(told(both, 'run'), [
    ['error', 'ocirun run failed: config.json:3:12 /process/cwd: Cwd must be an absolute path', first],
    ['error', /^ocirun run failed: config.json:1:5 \/hostname: /, { code: 'E_CONFIG_SCHEMA', pointer: '/hostname' }],
    [
      'last',
      'ocirun run failed: config.json:3:12 /process/cwd: Cwd must be an absolute path; ' +
        'config.json:1:5 /hostname: must be a string (put it in quotes)',
      first,
    ],
  ]);
});

t.test('what fails in init is told in the words of runc, a hook in its own', async (t) => {
  const mount = new OcirunError('E_MOUNT', 'mount proc to /proc: device busy', { step: 'mount' });
  const inInit = 'unable to start container process: error during container init: ';
  t.match(told(mount, 'start'), [['error', `${inInit}mount proc to /proc: device busy`, { step: 'mount' }]]);
  const hook = new OcirunError('E_HOOK', 'error running startContainer hook #0: exit status 1', { step: 'runProgram' });
  t.match(told(hook, 'start'), [['error', 'error running startContainer hook #0: exit status 1']]);
});

t.test('the place of a whole document has no pointer', async (t) => {
  const error = new OcirunError('E_CONFIG_JSON', 'expected a value', { location: 'config.json:1:1' });
  t.match(told(error, 'create'), [['error', 'ocirun create failed: config.json:1:1: expected a value']]);
});

t.test('a defect is told with its place', async (t) => {
  t.match(told(new TypeError('x is not a function'), 'create'), [
    ['error', /^ocirun create failed: internal error: x is not a function at /, { code: 'E_INTERNAL' }],
  ]);
  t.match(told('thrown', undefined), [['error', 'internal error: thrown']]);
});
