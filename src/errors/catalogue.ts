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
    cause: 'Something happened that the code takes for impossible. The message has the places in the source where.',
    cure: 'Please report it with the message, the config.json and the output of `ocirun --version`. A container that is left over goes with `ocirun delete --force ID`.',
  },
  E_USAGE: {
    meaning: 'The command line is wrong.',
    cause:
      'An option or a command that is not known, a missing or a superfluous argument, a value that an option does not take, a file of an option that cannot be opened, or descriptors that were promised (--preserve-fds, LISTEN_FDS) and are not open.',
    cure: '`ocirun COMMAND --help` tells what a command takes.',
  },
  E_HOST: {
    meaning: 'The host lacks something that ocirun needs.',
    cause:
      'The kernel is older than 5.14, a security filter around ocirun keeps it from a system call, no cgroup2 hierarchy is mounted, or a file below /proc cannot be read.',
    cure: 'Use a newer kernel; mount cgroup2 on /sys/fs/cgroup, or on /sys/fs/cgroup/unified beside cgroup v1; in a container, let the outer runtime allow the system calls that are named.',
  },
  E_SYSTEM: {
    meaning: 'The kernel refused an operation of the runtime.',
    cause:
      "A system call of the runtime itself has failed, of which config.json says nothing: starting init, a socket (--pidfd-socket), a file to write (--pid-file, `spec`). The message has what was done to what and the kernel's error.",
    cure: 'Do what the error asks for: give the right, make the directory, free memory or descriptors.',
  },
  E_CONFIG_READ: {
    meaning: 'config.json could not be read.',
    cause:
      'There is no config.json in the bundle, it is a directory or another thing that is no file, it may not be read, or it is longer than 64 MiB. Without --bundle, the bundle is the working directory.',
    cure: 'Name the bundle with --bundle, write a first config.json with `ocirun spec`, or give the right to read it.',
  },
  E_CONFIG_JSON: {
    meaning: 'config.json is not JSON.',
    cause:
      'A comma too many or too few, a comment, a string in single quotes, a byte order mark, bytes that are not UTF-8, a file that was cut off, or one that is nested too deep. The message has line and column.',
    cure: 'Correct the place; any tool that checks JSON shows the same one.',
  },
  E_CONFIG_SCHEMA: {
    meaning: 'config.json does not fit the runtime-spec schema.',
    cause:
      'A value has another type than the specification has for it, is out of its range, is none of the words that may stand there, or something that has to be there is missing.',
    cure: '`ocirun validate` tells all such places with what is expected there. spec-schemas/config.json describes every property, and an editor can complete from it.',
  },
  E_CONFIG_RULE: {
    meaning: 'config.json breaks a rule that a schema cannot say.',
    cause:
      'Values fit the schema, but not each other or what Linux can do: a host name without a UTS namespace, a relative path where an absolute one has to be, two limits of one type, an id that is not mapped. The log has the name of the rule.',
    cure: 'Change what the message names; `ocirun validate` tells all of them. The rules are listed below.',
  },
  E_SECCOMP_PROFILE: {
    meaning: 'The seccomp profile cannot be made into a filter.',
    cause:
      "The profile is none of the specification: an engine's own form (with includes, excludes or archMap), a file without linux.seccomp, an action, an operator or an architecture that does not exist, an errno beside an action that has none. Or the filter would have more than the 4096 instructions that the kernel takes.",
    cure: 'Change what the message names; `ocirun seccomp explain` says what a profile makes of a system call, `ocirun seccomp compile` how long the filter is.',
  },
  E_SECCOMP_AGENT: {
    meaning: 'The agent that is to answer for SCMP_ACT_NOTIFY did not get the listener.',
    cause:
      'Nobody listens at linux.seccomp.listenerPath, the agent has closed the connection, does not read what it is sent or does not answer init for 10 seconds, or the runtime has no right to the listener of init. Nobody else could answer for the system calls of the container: it is not made.',
    cure: 'Start the agent before the container, and give its socket as linux.seccomp.listenerPath.',
  },
  E_NOT_SUPPORTED_YET: {
    meaning: 'config.json uses a field that this version of ocirun does not support yet.',
    cause:
      'Ignoring the field would make a container that is not the one that was asked for. docs/coverage.md has every property of config.json and what is done with it.',
    cure: 'Leave the field or the option out, or use another runtime until it is there.',
  },
  E_ID_INVALID: {
    meaning: 'The container id has characters that are not allowed.',
    cause: 'Ids are made of letters, digits and `_+-.`, and are not `.` or `..`: they become names of directories.',
    cure: 'Choose another id.',
  },
  E_ID_IN_USE: {
    meaning: 'A container with this id exists.',
    cause: 'A container that was made before has not been deleted: its state directory is there.',
    cure: 'Choose another id, or delete the old container: `ocirun delete ID`, with --force where it still runs or its state is damaged.',
  },
  E_NOT_FOUND: {
    meaning: 'There is no container with this id.',
    cause:
      'No container of this id was made, it has been deleted, or it was made with another --root or by another user.',
    cure: '`ocirun list` shows the containers; name the same --root as at create.',
  },
  E_STATUS: {
    meaning: 'The operation does not fit the status of the container.',
    cause:
      'Only a created container can be started, only a created or running one gets signals or is paused, only a paused one is resumed, only one that has not stopped is updated or tells events, and only a created or stopped one can be deleted.',
    cure: '`ocirun state ID` tells the status. To delete a running container, kill it first, or use --force.',
  },
  E_STATE: {
    meaning: 'The state directory of a container is damaged or cannot be used.',
    cause:
      'A file or directory below /run/ocirun (--root) is missing, damaged, or may not be read or written, or the filesystem is full.',
    cure: 'Check rights and free space of the directory. What is left of a broken container goes with `ocirun delete --force ID`.',
  },
  E_CGROUP: {
    meaning: 'The cgroup of the container could not be made, entered, changed, frozen or removed.',
    cause:
      'There are processes in the cgroup already, it is frozen, its parent may hold no further ones, or the caller may not write below it. Processes that do not end keep a cgroup from being removed.',
    cure: 'Choose another linux.cgroupsPath; end or thaw what is in the cgroup; have a directory delegated to the user (systemd: Delegate=yes).',
  },
  E_INIT_STEP: {
    meaning: 'A step of the plan failed while the container was being set up.',
    cause:
      "The kernel refused a step for which no more exact code is known. The message has the step, the place in config.json that asks for it, and the kernel's error.",
    cure: '`ocirun plan` shows all steps in their order. Change what is named, or give ocirun the right that it lacks.',
  },
  E_INIT_DIED: {
    meaning: 'The init program ended before it reported.',
    cause:
      'Something killed it: mostly the OOM killer because the memory limit of the cgroup is too low, else a signal from outside or a seccomp filter around ocirun.',
    cure: 'Look at the kernel log (dmesg); raise the limit of the cgroup.',
  },
  E_PROTOCOL: {
    meaning: 'Init and runtime disagree about the order of messages.',
    cause:
      'A defect in ocirun, or processes of two versions of it: a container that an older version has created, say.',
    cure: 'Delete the container and create it again. If that does not help, report it.',
  },
  E_MOUNT_SOURCE: {
    meaning: 'The source of a bind mount could not be opened.',
    cause: 'The path does not exist or may not be read by the caller. A relative source counts from the bundle.',
    cure: 'Make what is to be mounted, or correct mounts[].source.',
  },
  E_NAMESPACE: {
    meaning:
      'A namespace that the container is to join could not be opened, or the id maps of its new one not written.',
    cause:
      'The path in linux.namespaces leads to nothing, as the process whose namespace it was has ended, or to another kind of file. Maps are refused that overlap, or that have ids which the caller may not use.',
    cure: 'Name a namespace that is there; without rights on the host, map only your own ids or those of /etc/subuid.',
  },
  E_HOOK: {
    meaning: 'A hook failed.',
    cause:
      'The program could not be executed, ended with another status than 0 or by a signal, or ran longer than its timeout. The message has the end of what it wrote.',
    cure: 'Run the hook by hand with the state of the container on its standard input. The pointer tells which one it is.',
  },
  E_EXEC: {
    meaning: 'The program of the container could not be executed.',
    cause: 'execve(2) has failed, and no cause was found that has a code of its own.',
    cure: "Look at the kernel's error, and at what a security module of the host has logged.",
  },
  E_SIGNAL: {
    meaning: 'The signal is unknown or could not be sent.',
    cause:
      'The name or number is no signal of Linux, or the kernel refused to send it: the process belongs to another user.',
    cure: 'Names are taken with and without SIG, numbers from 1 to 64. Send it as the user who created the container, or as root.',
  },
  E_CONFIG_UNKNOWN_KEY: {
    meaning: 'config.json has a property that the specification does not know: a warning, refused by --strict.',
    cause:
      'A slip of the pen, a property of another place or of a later version. The specification has it ignored, so that what was meant does not come about.',
    cure: 'Correct the name (the message has the nearest known one) or remove it.',
  },
  E_CONFIG_DUPLICATE_KEY: {
    meaning:
      'An object of config.json has two properties of one name, of which the last wins: a warning, refused by --strict.',
    cause: 'Two properties were written into one object, or two documents were put together by hand.',
    cure: 'Remove one of them; the one further down is the one that counts.',
  },
  E_CONFIG_NO_EFFECT: {
    meaning: 'config.json asks for something that will have no effect: a warning, refused by --strict.',
    cause:
      'The value is legal, and nothing is done with it: a limit that only cgroup v1 has, a capability that no kernel has, an option that needs another one.',
    cure: 'Remove it, or add what it needs. The checks are listed below.',
  },
  E_MOUNT: {
    meaning: 'A mount could not be made.',
    cause:
      'The kernel refused it, and for a reason that has no code of its own: a filesystem that it does not have, a device that is in use, a right that is lacking.',
    cure: 'The message has the cause where one was found. /proc/filesystems lists the filesystems that the kernel has.',
  },
  E_MOUNT_PATH: {
    meaning: 'The target or the source of a mount has an element that is missing, or is no directory.',
    cause:
      'A name of the path does not exist and cannot be made, or is a file where there has to be a directory. Symbolic links of the image are followed inside of it.',
    cure: 'Correct the path, or what is in the image; the message has the name at which the path ends.',
  },
  E_MOUNT_LOCKED: {
    meaning: 'A mount flag that an outer mount has set cannot be cleared.',
    cause:
      "A mount that came into the container's user namespace from outside keeps flags such as ro, nosuid, nodev and noexec: mount_setattr(2) does not clear them.",
    cure: 'Add the flags that the message names to mounts[].options.',
  },
  E_MOUNT_OPTION: {
    meaning: 'The filesystem refused an option of a mount.',
    cause:
      'A name that the filesystem does not know, a value that it does not take, or an option that a user namespace may not use.',
    cure: 'Correct mounts[].options. What no mount option of the specification is goes to the filesystem: its manual page lists what it knows.',
  },
  E_MOUNT_TRAVERSE: {
    meaning: 'The root of the user namespace may not pass through a directory.',
    cause:
      'With a user namespace, root of the container is an ordinary user on the host, and a directory on the path lets only its owner through, such as one of mode 0700 or 0750.',
    cure: 'Give others the right to pass: `chmod o+x` on the directory that is named, or put the files elsewhere.',
  },
  E_CWD: {
    meaning: 'The working directory of the program cannot be entered.',
    cause:
      'It does not exist and cannot be made, is no directory, may not be entered by the user of the container, or lies outside the root filesystem.',
    cure: 'Correct process.cwd, or make the directory in the image with the right owner.',
  },
  E_EXEC_NOT_FOUND: {
    meaning: 'The program of the container does not exist, or is in no directory of PATH.',
    cause: 'The path leads to nothing, or no directory of PATH in process.env has a program of this name.',
    cure: 'Correct process.args, add the directory to PATH, or install the program in the image. Paths are those of the container.',
  },
  E_EXEC_LINK: {
    meaning: 'The program is a symbolic link that leads nowhere.',
    cause: 'Its target is missing in the container, lies on the host, or is a link to itself.',
    cure: 'Correct the link in the image; absolute targets count from the root of the container.',
  },
  E_EXEC_DIRECTORY: {
    meaning: 'The program is a directory, or no regular file.',
    cause: 'process.args begins with a path that leads to a directory, a device, a socket or a fifo.',
    cure: 'Name the program itself.',
  },
  E_EXEC_PERMISSION: {
    meaning: 'The program may not be executed by the user of the container.',
    cause:
      'The file lacks the x bit for the user, or a directory on the path may not be passed through; capabilities of the file may be more than it can have.',
    cure: '`chmod +x` in the image, or another process.user.',
  },
  E_EXEC_NOEXEC: {
    meaning: 'The program is on a mount with noexec.',
    cause: 'The mount that it is on has the option noexec, as /dev, /proc, /sys and volumes often have.',
    cure: 'Put the program elsewhere, or take noexec out of the options of the mount.',
  },
  E_EXEC_INTERPRETER: {
    meaning: 'The interpreter that a script names in its first line does not exist or cannot be executed.',
    cause:
      'The first line of a script (#!) names a program that is not in the container; or the line ends in CR LF, so that the name has a CR at its end.',
    cure: 'Install the interpreter in the image, name one that is there, or give the script the line ends of Unix.',
  },
  E_EXEC_LOADER: {
    meaning: 'The dynamic loader that an ELF program names does not exist or cannot be used.',
    cause:
      'A dynamically linked program needs the loader that it names: one for glibc in an image with musl, or for 32 bits in one for 64, finds none.',
    cure: 'Build the program for the libraries of the image, link it statically, or use an image that has them.',
  },
  E_EXEC_ARCHITECTURE: {
    meaning: 'The program is made for another processor.',
    cause:
      'The image is for another architecture than the machine, and no emulator is registered for it (binfmt_misc).',
    cure: 'Use an image for this machine, or register an emulator such as qemu-user.',
  },
  E_EXEC_FORMAT: {
    meaning: 'The program is in no format that the kernel executes.',
    cause: 'A script without #! in its first line, an empty file, or one that was cut off.',
    cure: 'Begin the script with a line such as `#!/bin/sh`, or let process.args name a shell.',
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
  E_DBUS: {
    meaning: 'The service manager could not be asked over D-Bus, or has refused.',
    cause:
      "With --systemd-cgroup, systemd makes the container's cgroup: there is no socket at the address, nobody answers there, the connection was closed, or systemd answers with an error. The message has what was asked for and, in parentheses, the name of the error on the bus.",
    cure: 'Look at `systemctl status` and at the journal of the unit that is named. A user other than root needs a session of the user manager: the package dbus-user-session, `loginctl enable-linger`, and XDG_RUNTIME_DIR or DBUS_SESSION_BUS_ADDRESS in the environment. Without systemd, leave --systemd-cgroup out.',
  },
  E_TIMEOUT: {
    meaning: 'What was waited for did not come within --timeout.',
    cause:
      'A hook that does not end, a frozen cgroup, a fifo that nobody opens, another command that holds the lock of the container. The message has what was waited for.',
    cure: 'Look at what is named; give more time; without --timeout it waits without an end.',
  },
} as const satisfies Readonly<Record<string, Entry>>;

export type Code = keyof typeof catalogue;
