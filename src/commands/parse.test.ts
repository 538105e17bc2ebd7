import t from 'tap';
import yargs from 'yargs';
import { interfaceOf } from './interface.ts';
import { explicitFlags, isSeconds, parse } from './parse.ts';
import { type CommandName, commands, type CommandUsage, globalOptions, type Option, optionsOf } from './table.ts';

/** What yargs makes of a line: what parse() promises to agree with. */
function throughYargs(args: readonly string[], options: readonly Option[], stopAtArgument: boolean) {
  let wrong = false;
  const parser = interfaceOf(yargs(), options, stopAtArgument).fail(() => {
    wrong = true;
  });
  const values = parser.parseSync(explicitFlags(args, options), {}, () => undefined) as Record<string, unknown>;
  const names = options.map(({ name }) => name).filter((name) => values[name] !== undefined);
  return {
    wrong,
    rest: (values['_'] as string[]).map(String),
    options: Object.fromEntries(names.map((name) => [name, values[name]])),
  };
}

const words: Partial<Record<CommandName, string[]>> = {
  create: [
    'a',
    '--bundle',
    '/b',
    '--bundle=/b',
    '-b',
    '-b=/c',
    '--pid-file',
    'p',
    '--pidfd-socket',
    '--no-pivot',
    '--no-new-keyring',
    '--preserve-fds',
    '3',
    '--preserve-fds=x',
    '--timeout',
    '1.5',
    '--timeout=0',
    '--bogus',
    '--',
    '-x',
  ],
  run: ['true', '--detach', '-d', '--keep', '--no-subreaper', '--detach=false', '--bundle', ''],
  kill: ['a', 'KILL', '9', '-a', '--all', '-9'],
  start: ['a', '--timeout', '0.25', '--timeout=1e3', '--timeout=-1', '--timeout='],
  delete: ['a', '--timeout=2', '-f', '--force', 'true', '--force=true', '--forced'],
  list: ['--format', 'json', '-f', 'table', '-q', '--quiet', '--format='],
  spec: ['--rootless', '-b', '/x', '--bundle'],
  pause: ['a', '--timeout=3', '--force'],
  ps: ['a', '-f', 'json', '-ef', '--format=table', '-o', '--forest', '--'],
  events: ['a', '--stats', '--interval', '1m', '--interval=-1s', '-5s'],
  update: [
    'a',
    '--memory',
    '-1',
    '512m',
    '--memory=-1',
    '--pids-limit',
    '--cpu-quota=-1',
    '-r',
    '-',
    '--resources=-',
    '--kernel-memory',
    '1',
  ],
};

/** Lines of up to three words of each command, in a fixed order that leaves none of its words out. */
const lines = Object.entries(words).flatMap(([command, list]) =>
  list.flatMap((first, index) => {
    const second = list[(index * 7 + 3) % list.length] ?? '';
    const third = list[(index * 5 + 1) % list.length] ?? '';
    return [[first], [first, second], [second, first], [first, second, third]].map(
      (args) => [command as CommandName, args] as const,
    );
  }),
);

t.test('yargs-parser and yargs read the same from every line', async (t) => {
  t.ok(lines.length >= 180, `${lines.length} lines`);
  for (const [command, args] of lines) {
    const { options: packed, handsOn = false }: CommandUsage = commands[command];
    const options = optionsOf(packed);
    const [ours, theirs] = [parse(args, packed, handsOn), throughYargs(args, options, handsOn)];
    t.equal(ours.wrong, theirs.wrong, `${command} ${args.join(' ')}: wrong`);
    if (!ours.wrong)
      t.same(
        { rest: ours.rest, options: ours.options },
        { rest: theirs.rest, options: theirs.options },
        `${command} ${args.join(' ')}`,
      );
  }
});

const globals: readonly string[][] = [
  ['--root', '/r', 'create', '--bundle', 'x', 'id'],
  ['--root=/r', '--debug', 'state', '-x'],
  ['--log', 'l', '--log-format', 'json', '--systemd-cgroup', 'run', 'id', '--detach'],
  ['--root'],
  ['--bogus', 'list'],
  ['--rootless=auto', 'list'],
  ['--debug', 'true', 'list'],
  ['list', '--root', '/r'],
  [],
];

t.test('before the command too, where the rest is left alone', async (t) => {
  const options = optionsOf(globalOptions);
  for (const args of globals) {
    const [ours, theirs] = [parse(args, globalOptions, true), throughYargs(args, options, true)];
    t.equal(ours.wrong, theirs.wrong, `${args.join(' ')}: wrong`);
    if (!ours.wrong)
      t.same(
        { rest: ours.rest, options: ours.options },
        { rest: theirs.rest, options: theirs.options },
        args.join(' '),
      );
  }
});

t.test('a time is a number of seconds, and not none', async (t) => {
  for (const value of ['1', '0.5', '10.25', '0.000000001', '9999999']) t.ok(isSeconds(value), value);
  for (const value of ['', '0', '0.0', '-1', '+1', '1.', '.5', '1e3', ' 1', '1s', '0x1', '10000000', 'NaN', true, 1])
    t.notOk(isSeconds(value), String(value));
});
