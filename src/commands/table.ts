/** One option of the command line. What is said of it is in texts.ts. */
export interface Option {
  readonly name: string;
  readonly alias?: string;
  readonly type: 'boolean' | 'string' | 'count' | 'seconds';
}

/** One command: what it is given, and its options. */
export interface CommandUsage {
  /** Names of the positional arguments; those in brackets may be missing, and one with dots may be many. */
  readonly args: readonly string[];
  /** What comes behind the first argument is not for us, also where it begins with a dash. */
  readonly handsOn?: boolean;
  /** As `optionsOf` reads them: a command line needs one command's, and mostly none of them. */
  readonly options: string;
}

/** An option of every command. */
export const helpOption = 'help|h';

/** Options before the command. */
export const globalOptions = `debug log:string log-format:string root:string systemd-cgroup rootless:string trace:string ${helpOption} version|v`;

const creating =
  'bundle|b:string console-socket:string pidfd-socket:string pid-file:string timeout:seconds no-pivot no-new-keyring ' +
  'preserve-fds:count';

const updating =
  'resources|r:string blkio-weight:string cpu-period:string cpu-quota:string cpu-burst:string cpu-share:string ' +
  'cpu-rt-period:string cpu-rt-runtime:string cpu-idle:string cpuset-cpus:string cpuset-mems:string memory:string ' +
  'memory-reservation:string memory-swap:string pids-limit:string l3-cache-schema:string mem-bw-schema:string ' +
  'kernel-memory:string kernel-memory-tcp:string';

/** Every command. Parsing, help and completion are all made from here. */
export const commands = {
  create: { args: ['<container-id>'], options: creating },
  run: { args: ['<container-id>'], options: `${creating} detach|d keep no-subreaper` },
  start: { args: ['<container-id>'], options: 'timeout:seconds' },
  state: { args: ['<container-id>'], options: '' },
  kill: { args: ['<container-id>', '[signal]'], options: 'all|a' },
  delete: { args: ['<container-id>'], options: 'force|f timeout:seconds' },
  pause: { args: ['<container-id>'], options: 'timeout:seconds' },
  resume: { args: ['<container-id>'], options: 'timeout:seconds' },
  update: { args: ['<container-id>'], options: updating },
  ps: { args: ['<container-id>', '[ps options…]'], options: 'format|f:string', handsOn: true },
  events: { args: ['<container-id>'], options: 'interval:string stats' },
  list: { args: [], options: 'format|f:string quiet|q' },
  spec: { args: [], options: 'bundle|b:string rootless' },
  validate: { args: ['[bundle]'], options: 'bundle|b:string strict host format|f:string' },
  explain: { args: ['[code]'], options: '' },
  features: { args: [], options: '' },
  seccomp: {
    args: ['<explain|compile>', '<profile>', '[system-call]', '[arguments…]'],
    options: 'arch:string format|f:string',
  },
  plan: {
    args: ['[container-id]'],
    options: 'bundle|b:string format|f:string no-pivot no-new-keyring preserve-fds:count',
  },
} as const satisfies Record<string, CommandUsage>;

export type CommandName = keyof typeof commands;

/** Options from `name`, `name|alias` and `name:type`, with spaces between; those without a type are flags. */
export const optionsOf = (packed: string): Option[] =>
  packed.split(' ').flatMap((item) => {
    const [names = '', type = 'boolean'] = item.split(':');
    const [name = '', alias] = names.split('|');
    return name === '' ? [] : { name, ...(alias ? { alias } : {}), type: type as Option['type'] };
  });

/** Whether a word of the command line names a command. */
export const isCommand = (word: string): word is CommandName => Object.hasOwn(commands, word);

/** Whether a command takes so many arguments. */
export const takes = ({ args }: CommandUsage, count: number): boolean =>
  count >= args.filter((name) => name.startsWith('<')).length &&
  (count <= args.length || args.some((name) => name.includes('…')));
