/** What is told of a code (docs/errors.md, `ocirun explain`): what it means, how it comes about, what to do. */
export interface Entry {
  readonly meaning: string;
  readonly cause: string;
  readonly cure: string;
}

/**
 * Every error code and what is told of it. Codes are stable: scripts and engines may compare them.
 * A code is added here first; docs/errors.md is made from this table. Nothing on the hot path may import its value.
 */
export const catalogue = {
  E_INTERNAL: {
    meaning: 'A defect in ocirun itself.',
    cause: '',
    cure: '',
  },
  E_USAGE: {
    meaning: 'The command line is wrong.',
    cause: '',
    cure: '',
  },
  E_HOST: {
    meaning: 'The host lacks something that ocirun needs.',
    cause: '',
    cure: '',
  },
  E_SYSTEM: {
    meaning: 'The kernel refused an operation of the runtime.',
    cause: '',
    cure: '',
  },
  E_CONFIG_READ: {
    meaning: 'config.json could not be read.',
    cause: '',
    cure: '',
  },
  E_CONFIG_JSON: {
    meaning: 'config.json is not JSON.',
    cause: '',
    cure: '',
  },
  E_CONFIG_SCHEMA: {
    meaning: 'config.json does not fit the runtime-spec schema.',
    cause: '',
    cure: '',
  },
  E_CONFIG_RULE: {
    meaning: 'config.json breaks a rule that a schema cannot say.',
    cause: '',
    cure: '',
  },
  E_NOT_SUPPORTED_YET: {
    meaning: 'config.json uses a field that this version of ocirun does not support yet.',
    cause: '',
    cure: '',
  },
  E_ID_INVALID: {
    meaning: 'The container id has characters that are not allowed.',
    cause: '',
    cure: '',
  },
  E_ID_IN_USE: {
    meaning: 'A container with this id exists.',
    cause: '',
    cure: '',
  },
  E_NOT_FOUND: {
    meaning: 'There is no container with this id.',
    cause: '',
    cure: '',
  },
  E_STATUS: {
    meaning: 'The operation does not fit the status of the container.',
    cause: '',
    cure: '',
  },
  E_STATE: {
    meaning: 'The state directory of a container is damaged or cannot be used.',
    cause: '',
    cure: '',
  },
  E_CGROUP: {
    meaning: 'The cgroup of the container could not be made, entered or removed.',
    cause: '',
    cure: '',
  },
  E_INIT_STEP: {
    meaning: 'A step of the plan failed while the container was being set up.',
    cause: '',
    cure: '',
  },
  E_INIT_DIED: {
    meaning: 'The init program ended before it reported.',
    cause: '',
    cure: '',
  },
  E_PROTOCOL: {
    meaning: 'Init and runtime disagree about the order of messages.',
    cause: '',
    cure: '',
  },
  E_MOUNT_SOURCE: {
    meaning: 'The source of a bind mount could not be opened.',
    cause: '',
    cure: '',
  },
  E_NAMESPACE: {
    meaning:
      'A namespace that the container is to join could not be opened, or the id maps of its new one not written.',
    cause: '',
    cure: '',
  },
  E_HOOK: {
    meaning: 'A hook failed.',
    cause: '',
    cure: '',
  },
  E_EXEC: {
    meaning: 'The program of the container could not be executed.',
    cause: '',
    cure: '',
  },
  E_SIGNAL: {
    meaning: 'The signal is unknown or could not be sent.',
    cause: '',
    cure: '',
  },
  E_CONFIG_UNKNOWN_KEY: {
    meaning: 'config.json has a property that the specification does not know: a warning, refused by --strict.',
    cause: '',
    cure: '',
  },
  E_CONFIG_DUPLICATE_KEY: {
    meaning:
      'An object of config.json has two properties of one name, of which the last wins: a warning, refused by --strict.',
    cause: '',
    cure: '',
  },
  E_CONFIG_NO_EFFECT: {
    meaning: 'config.json asks for something that will have no effect: a warning, refused by --strict.',
    cause: '',
    cure: '',
  },
  E_MOUNT: {
    meaning: 'A mount could not be made.',
    cause: '',
    cure: '',
  },
  E_MOUNT_PATH: {
    meaning: 'The target or the source of a mount has an element that is missing, or is no directory.',
    cause: '',
    cure: '',
  },
  E_MOUNT_LOCKED: {
    meaning: 'A mount flag that an outer mount has set cannot be cleared.',
    cause: '',
    cure: '',
  },
  E_MOUNT_OPTION: {
    meaning: 'The filesystem refused an option of a mount.',
    cause: '',
    cure: '',
  },
  E_MOUNT_TRAVERSE: {
    meaning: 'The root of the user namespace may not pass through a directory.',
    cause: '',
    cure: '',
  },
  E_CWD: {
    meaning: 'The working directory of the program cannot be entered.',
    cause: '',
    cure: '',
  },
  E_EXEC_NOT_FOUND: {
    meaning: 'The program of the container does not exist, or is in no directory of PATH.',
    cause: '',
    cure: '',
  },
  E_EXEC_LINK: {
    meaning: 'The program is a symbolic link that leads nowhere.',
    cause: '',
    cure: '',
  },
  E_EXEC_DIRECTORY: {
    meaning: 'The program is a directory, or no regular file.',
    cause: '',
    cure: '',
  },
  E_EXEC_PERMISSION: {
    meaning: 'The program may not be executed by the user of the container.',
    cause: '',
    cure: '',
  },
  E_EXEC_NOEXEC: {
    meaning: 'The program is on a mount with noexec.',
    cause: '',
    cure: '',
  },
  E_EXEC_INTERPRETER: {
    meaning: 'The interpreter that a script names in its first line does not exist or cannot be executed.',
    cause: '',
    cure: '',
  },
  E_EXEC_LOADER: {
    meaning: 'The dynamic loader that an ELF program names does not exist or cannot be used.',
    cause: '',
    cure: '',
  },
  E_EXEC_ARCHITECTURE: {
    meaning: 'The program is made for another processor.',
    cause: '',
    cure: '',
  },
  E_EXEC_FORMAT: {
    meaning: 'The program is in no format that the kernel executes.',
    cause: '',
    cure: '',
  },
  E_EXEC_ARGUMENTS: {
    meaning: 'The arguments and the environment of the program are longer than the kernel takes.',
    cause:
      'One string of process.args or process.env has more than 32 pages (131072 bytes), or all together have more than a quarter of the stack limit.',
    cure: 'Hand large data over in a file or on standard input; raise RLIMIT_STACK where it is small.',
  },
  E_EXEC_BUSY: {
    meaning: 'The program is being written to.',
    cause: 'Somebody has the file open for writing, mostly because it is still being copied.',
    cure: 'Wait until the file is closed; copy programs to another name first and rename them.',
  },
  E_EXEC_LIMIT: {
    meaning: 'The program could not be executed for want of something: processes, memory, open files.',
    cause:
      'The user has as many processes as RLIMIT_NPROC allows, in all containers together, or memory or the table of open files is used up.',
    cure: 'Raise the limit in process.rlimits, or give the container a user of its own.',
  },
  E_EXEC_REFUSED: {
    meaning: 'Mode, owner and mount allow the program to be executed, but something else has refused it.',
    cause: 'A security module (SELinux, AppArmor, fapolicyd, IMA), an access control list or a seccomp filter.',
    cure: 'Look at the audit log and the kernel log of the host.',
  },
  E_TIMEOUT: {
    meaning: 'What was waited for did not come within --timeout.',
    cause: '',
    cure: '',
  },
} as const satisfies Readonly<Record<string, Entry>>;

export type Code = keyof typeof catalogue;
