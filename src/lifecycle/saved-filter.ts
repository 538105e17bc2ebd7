import type { Log } from '../log.ts';
import { agentOf, filterFlags } from '../plan/seccomp-flags.ts';
import type { SystemCallFilter } from '../plan/seccomp.ts';
import type { Seccomp } from '../spec/types.ts';
import { At, Mode, O } from '../sys/constants.ts';
import { isSystemError, part, sys, withFd } from '../sys/index.ts';
import { version } from '../version.ts';

/** Whose filter it is. */
interface Wanting {
  /** Where the state directories are. */
  readonly root: string;
  readonly id: string;
  readonly bundle: string;
}

/**
 * The filter that `linux.seccomp` asks for. An engine gives most containers the same profile, and to read what is saved of
 * an earlier one takes a tenth of the time that the compiler takes.
 * @param exact the integers of config.json that a JavaScript number cannot hold, by pointer
 */
export function savedFilter(
  seccomp: Seccomp,
  wanting: Wanting,
  exact: ReadonlyMap<string, bigint>,
  log: Log,
): SystemCallFilter {
  const { bundle } = wanting;
  // Warnings come from the compiler; and the text of the profile does not tell rounded values apart.
  if (log.debugging || exact.size > 0) return part('filter').systemCallFilter(seccomp, bundle, exact, log);
  const text = `${version}\n${JSON.stringify(seccomp)}`;
  const file = `${wanting.root}/~filter-${slotOf(text)}`;
  const program = orNothing(() => load(file, text));
  if (program) return { flags: filterFlags(seccomp), program, agent: agentOf(seccomp, bundle) };
  const filter = part('filter').systemCallFilter(seccomp, bundle, exact, log);
  // Only who makes a container leaves something behind: `plan` has no state directory.
  if (sys.exists(At.FDCWD, `${wanting.root}/${wanting.id}`)) orNothing(() => save(file, text, filter.program));
  return filter;
}

/** So many profiles are kept, each in the place that its text leads to; no container id has a tilde. */
const slots = 64;

/** A few characters suffice: the text is compared before what is found is believed. */
function slotOf(text: string): number {
  let sum = text.length;
  for (let at = 0; at < text.length; at += 16) sum = (Math.imul(sum, 31) + text.charCodeAt(at)) | 0;
  return sum & (slots - 1);
}

/** Whatever is wrong with what is saved: the compiler is there. */
function orNothing<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

/** More than the longest program has, with any profile that is worth saving. */
const longest = 1 << 20;

/** A file has the number of words, the words, and the text that they were made of. */
function load(file: string, text: string): Uint32Array | undefined {
  const bytes = withFd(sys.open(file, O.RDONLY | O.NOFOLLOW | O.NONBLOCK, 0), (fd) =>
    isOurs(fd) ? sys.readBytes(fd, longest) : undefined,
  );
  if (bytes === undefined || bytes.length < 4) return undefined;
  const end = 4 + 4 * new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (end > bytes.length || sys.decodeText(bytes.subarray(end)) !== text) return undefined;
  return new Uint32Array(bytes.slice(4, end).buffer);
}

/** The directory may be one that others can write to (`--root`): a filter of theirs could allow anything. */
function isOurs(fd: number): boolean {
  const [mode = 0, uid] = sys.statat(fd, '', At.EMPTY_PATH);
  const [, euid] = sys.getids();
  return uid === euid && (mode & (Mode.TYPE | 0o022)) === Mode.REGULAR;
}

function save(file: string, text: string, program: Uint32Array): void {
  const encoded = sys.encodeText(text);
  const end = 4 + program.byteLength;
  if (end + encoded.length > longest) return;
  const bytes = new Uint8Array(end + encoded.length);
  new DataView(bytes.buffer).setUint32(0, program.length, true);
  bytes.set(new Uint8Array(program.buffer, program.byteOffset, program.byteLength), 4);
  bytes.set(encoded, end);
  const temporary = `${file}.${sys.getpid()}`;
  withFd(sys.openat(At.FDCWD, temporary, O.WRONLY | O.CREAT | O.EXCL, 0o600), (fd) => sys.write(fd, bytes));
  sys.renameat(At.FDCWD, temporary, At.FDCWD, file);
}
