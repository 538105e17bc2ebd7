/** One option of the command line. */
export interface Option {
  readonly name: string;
  readonly alias?: string;
  readonly type: 'boolean' | 'string' | 'count' | 'seconds';
  readonly describe: string;
  /** How the value is called in the help. */
  readonly value?: string;
}

/** One command: what it is given, and its options. */
export interface CommandUsage {
  readonly describe: string;
  /** Names of the positional arguments; those in brackets may be missing. */
  readonly args: readonly string[];
  /** Made when they are asked for: a command line needs one command's. */
  readonly options: () => readonly Option[];
}

const flag = (name: string, describe: string, alias?: string): Option => ({
  name,
  type: 'boolean',
  describe,
  ...(alias ? { alias } : {}),
});

const text = (name: string, value: string, describe: string, alias?: string): Option => ({
  name,
  type: 'string',
  value,
  describe,
  ...(alias ? { alias } : {}),
});

/** An option of every command. */
export const helpOption = flag('help', 'show help', 'h');

/** Options before the command. */
export const globalOptions = (): readonly Option[] => [
  flag('debug', 'log what is being done'),
  text('log', 'FILE', 'append log messages to FILE, instead of standard error'),
  text('log-format', 'FORMAT', 'format of the log: text or json'),
  text('root', 'DIR', 'directory for the state of containers'),
  flag('systemd-cgroup', 'let systemd make the cgroup (not supported yet)'),
  text('rootless', 'MODE', 'accepted for compatibility: true, false or auto'),
  text('trace', 'FILE', 'write how long each phase took to FILE, as Chrome trace events'),
  helpOption,
  flag('version', 'print the version', 'v'),
];

const bundle = (): Option =>
  text('bundle', 'DIR', 'the bundle: a directory with config.json (default: the working directory)', 'b');

const timeout = (doing: string): Option => ({
  name: 'timeout',
  type: 'seconds',
  value: 'SECONDS',
  describe: `give up after this long, and ${doing} (default: wait for ever)`,
});

const creating = (): readonly Option[] => [
  bundle(),
  text('console-socket', 'PATH', 'socket that gets the pseudoterminal (not supported yet)'),
  text('pidfd-socket', 'PATH', 'socket that gets a pidfd of the init process'),
  text('pid-file', 'FILE', 'file to write the process id to'),
  timeout('leave nothing'),
  flag('no-pivot', 'use chroot instead of pivot_root, for a root filesystem on a ramdisk'),
  flag('no-new-keyring', 'keep the session keyring of the caller'),
  { name: 'preserve-fds', type: 'count', value: 'N', describe: 'pass N more descriptors, from 3 on, to the container' },
];

/** Every command. Parsing, help and completion are all made from here. */
export const commands = {
  create: { describe: 'create a container', args: ['<container-id>'], options: creating },
  run: {
    describe: 'create and run a container',
    args: ['<container-id>'],
    options: () => [
      ...creating(),
      flag('detach', 'do not wait for the container', 'd'),
      flag('keep', 'do not delete the container when it has ended'),
      flag('no-subreaper', 'do not become the subreaper of the container'),
    ],
  },
  start: {
    describe: 'execute the program of a created container',
    args: ['<container-id>'],
    options: () => [timeout('leave the container as it is, or ended where it had begun')],
  },
  state: { describe: 'print the state of a container', args: ['<container-id>'], options: () => [] },
  kill: {
    describe: 'send a signal (default: SIGTERM) to the init process of a container',
    args: ['<container-id>', '[signal]'],
    options: () => [flag('all', 'send it to every process of the container', 'a')],
  },
  delete: {
    describe: 'delete a container that has stopped',
    args: ['<container-id>'],
    options: () => [
      flag('force', 'kill it first where it runs; no error where it does not exist', 'f'),
      timeout('leave what is not deleted yet'),
    ],
  },
  pause: {
    describe: 'stop every process of a container where it is, until resume',
    args: ['<container-id>'],
    options: () => [timeout('leave the container running')],
  },
  resume: {
    describe: 'let the processes of a paused container go on',
    args: ['<container-id>'],
    options: () => [timeout('leave it to what still keeps it paused')],
  },
  list: {
    describe: 'list the containers below the root directory',
    args: [],
    options: () => [
      text('format', 'FORMAT', 'table (default) or json', 'f'),
      flag('quiet', 'print only the container ids', 'q'),
    ],
  },
  spec: {
    describe: 'write a config.json to begin with',
    args: [],
    options: () => [bundle(), flag('rootless', 'for a container without privileges on the host')],
  },
  validate: {
    describe: 'say everything that is wrong with a config.json, and where',
    args: ['[bundle]'],
    options: () => [
      bundle(),
      flag('strict', 'take warnings for errors'),
      flag('host', 'say what this kernel and machine cannot do, too'),
      text('format', 'FORMAT', 'text (default) or json', 'f'),
    ],
  },
  explain: {
    describe: 'explain the code of an error (default: list all codes)',
    args: ['[code]'],
    options: () => [],
  },
  features: { describe: 'print what this version can do', args: [], options: () => [] },
  plan: {
    describe: 'print what create would do, without doing it',
    args: ['[container-id]'],
    options: () => [
      bundle(),
      text('format', 'FORMAT', 'text (default), json, or bytes: what the init program gets', 'f'),
      flag('no-pivot', 'as of create'),
      flag('no-new-keyring', 'as of create'),
      { name: 'preserve-fds', type: 'count', value: 'N', describe: 'as of create' },
    ],
  },
} as const satisfies Record<string, CommandUsage>;

export type CommandName = keyof typeof commands;

/** Whether a word of the command line names a command. */
export const isCommand = (word: string): word is CommandName => Object.hasOwn(commands, word);
