import type { CommandName } from './table.ts';

/** What the help says of a command, and of its options by their names; what has no text there is not shown. */
export interface CommandTexts {
  readonly describe: string;
  readonly options: Readonly<Record<string, string>>;
}

const bundle = 'the bundle: a directory with config.json (default: the working directory)';

const timeout = (doing: string): string => `give up after this many seconds, and ${doing} (default: wait for ever)`;

const creating = {
  bundle,
  'console-socket': 'socket that gets the pseudoterminal (not supported yet)',
  'pidfd-socket': 'socket that gets a pidfd of the init process',
  'pid-file': 'file to write the process id to',
  timeout: timeout('leave nothing'),
  'no-pivot': 'use chroot instead of pivot_root, for a root filesystem on a ramdisk',
  'no-new-keyring': 'keep the session keyring of the caller',
  'preserve-fds': 'pass so many more descriptors, from 3 on, to the container',
};

/** Of the options before the command. */
export const globalTexts: Readonly<Record<string, string>> = {
  debug: 'log what is being done',
  log: 'append log messages to this file, instead of standard error',
  'log-format': 'format of the log: text or json',
  root: 'directory for the state of containers',
  'systemd-cgroup': 'let systemd make the cgroup, as that of a unit (cgroupsPath: slice:prefix:name)',
  rootless: 'accepted for compatibility: true, false or auto',
  trace: 'write how long each phase took to this file, as Chrome trace events',
};

/** Of every command of the table. */
export const commandTexts: Readonly<Record<CommandName, CommandTexts>> = {
  create: { describe: 'create a container', options: creating },
  run: {
    describe: 'create and run a container',
    options: {
      ...creating,
      detach: 'do not wait for the container',
      keep: 'do not delete the container when it has ended',
      'no-subreaper': 'do not become the subreaper of the container',
    },
  },
  start: {
    describe: 'execute the program of a created container',
    options: { timeout: timeout('leave the container as it is, or ended where it had begun') },
  },
  state: { describe: 'print the state of a container', options: {} },
  kill: {
    describe: 'send a signal (default: SIGTERM) to the init process of a container',
    options: { all: 'send it to every process of the container' },
  },
  delete: {
    describe: 'delete a container that has stopped',
    options: {
      force: 'kill it first where it runs; no error where it does not exist',
      timeout: timeout('leave what is not deleted yet'),
    },
  },
  pause: {
    describe: 'stop every process of a container where it is, until resume',
    options: { timeout: timeout('leave the container running') },
  },
  resume: {
    describe: 'let the processes of a paused container go on',
    options: { timeout: timeout('leave it to what still keeps it paused') },
  },
  update: {
    describe: 'change what a container may use',
    options: {
      resources:
        'file with the resources that change, as linux.resources has them, or - for standard input; ' +
        'all other options are ignored then',
      'blkio-weight': 'weight of its block I/O, 10 to 1000',
      'cpu-period': 'period of --cpu-quota, microseconds',
      'cpu-quota': 'CPU time that it may use in a period, microseconds; -1: no limit',
      'cpu-burst': 'CPU time that it may save up for later periods, microseconds',
      'cpu-share': 'weight of its CPU time, 2 to 262144',
      'cpu-rt-period': 'has no effect on cgroup v2',
      'cpu-rt-runtime': 'has no effect on cgroup v2',
      'cpu-idle': '1: it gets only CPU time that nobody else wants (SCHED_IDLE); 0: as usual',
      'cpuset-cpus': 'CPUs that it may use, as in 0-3,7',
      'cpuset-mems': 'memory nodes that it may use, as in 0-1',
      memory:
        'memory that it may use: bytes, or with a unit as in 512m; what it may swap stays; -1: no limit of either',
      'memory-reservation': 'memory that it keeps while others need some',
      'memory-swap': 'memory and swap that it may use together; -1: no limit of swap',
      'pids-limit': 'processes and threads that it may have; -1: no limit',
      'l3-cache-schema': 'Intel RDT (not supported yet)',
      'mem-bw-schema': 'Intel RDT (not supported yet)',
    },
  },
  ps: {
    describe: 'list the processes of a container; ps(1) gets what comes behind its id (default: -ef)',
    options: { format: 'table (default) or json' },
  },
  events: {
    describe: 'print what a container uses, again and again, and when it runs out of memory',
    options: {
      interval: 'time between statistics, as in 500ms or 1m30s (default: 5s)',
      stats: 'print the statistics of now, and end',
    },
  },
  list: {
    describe: 'list the containers below the root directory',
    options: { format: 'table (default) or json', quiet: 'print only the container ids' },
  },
  spec: {
    describe: 'write a config.json to begin with',
    options: { bundle, rootless: 'for a container without privileges on the host' },
  },
  validate: {
    describe: 'say everything that is wrong with a config.json, and where',
    options: {
      bundle,
      strict: 'take warnings for errors',
      host: 'say what this kernel and machine cannot do, too',
      format: 'text (default) or json',
    },
  },
  explain: { describe: 'explain the code of an error (default: list all codes)', options: {} },
  features: { describe: 'print what this version can do', options: {} },
  seccomp: {
    describe:
      'explain: say what becomes of a system call under a seccomp profile, and which rule says so; ' +
      'compile: print the filter that is made of the profile. ' +
      'A profile is a bundle, its config.json, linux.seccomp of that alone, or - for standard input; ' +
      'negative arguments stand behind --',
    options: {
      arch: "explain: the architecture of the call, as x86; compile: the kernel's own (default: this machine's)",
      format: 'explain: text (default) or json; compile: text (default), json, or raw: struct sock_filter[]',
    },
  },
  plan: {
    describe: 'print what create would do, without doing it',
    options: {
      bundle,
      format: 'text (default), json, or bytes: what the init program gets',
      'no-pivot': 'as of create',
      'no-new-keyring': 'as of create',
      'preserve-fds': 'as of create',
    },
  },
};
