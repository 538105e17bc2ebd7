import { OcirunError } from '../errors/error.ts';
import {
  type ArchitectureName,
  type Profile,
  SeccompError,
  architectures,
  withWrittenValues,
} from '../seccomp-bpf-compiler/index.ts';
import { nodeAt, placesIn } from '../spec/locate.ts';
import { scan } from '../spec/scan.ts';
import { scannedIntegers } from '../spec/scanned-integers.ts';
import { nearest } from '../spec/suggest.ts';
import { At, Mode, O } from '../sys/constants.ts';
import { isSystemError, orElse, reason, sys, withFd } from '../sys/index.ts';

/** A profile that was read from a file. */
export interface ProfileFile {
  readonly profile: Profile;
  /** A pointer into the profile as one into the file. */
  readonly pointer: (inProfile: string) => string;
  /** Where in the file that is: `NAME:LINE:COLUMN`. */
  readonly location: (inProfile: string) => string;
}

/** A larger file is refused. */
const limit = 64 << 20;

/** The file that a word of the command line means: itself, or config.json of the bundle. */
function fileOf(word: string): string {
  const [mode = 0] = orElse('ENOENT ENOTDIR EACCES ELOOP', [], () => sys.statat(At.FDCWD, word, 0));
  return (mode & Mode.TYPE) === Mode.DIRECTORY ? `${word.replace(/\/+$/, '')}/config.json` : word;
}

function textOf(file: string): string {
  try {
    if (file === '-') return sys.readText(0, limit);
    const fd = sys.open(file, O.RDONLY | O.NONBLOCK, 0);
    return withFd(fd, () => sys.readText(fd, limit));
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new OcirunError('E_SECCOMP_PROFILE', `read ${file}: ${reason(error)}`, { path: file, cause: error });
  }
}

/**
 * Reads a profile: `linux.seccomp` of a config.json, or that object alone.
 * @param word a file, a bundle, or - for standard input
 */
export function readProfile(word: string): ProfileFile {
  const file = fileOf(word);
  const text = textOf(file);
  const placed = placesIn(text);
  const location = (offset: number): string => {
    const { line, column } = placed(offset);
    return `${file === '-' ? 'stdin' : file}:${line}:${column}`;
  };
  const scanned = scan(text);
  if ('fault' in scanned)
    throw new OcirunError('E_CONFIG_JSON', `not JSON: ${scanned.fault.message}`, {
      location: location(scanned.fault.offset),
    });
  const document: unknown = JSON.parse(text);
  const prefix = prefixIn(document, file);
  const profile = prefix === '' ? document : (document as Wrapped).linux?.seccomp;
  const result = {
    profile: profile as Profile,
    pointer: (inProfile: string) => prefix + inProfile,
    location: (inProfile: string) => location(nodeAt(scanned.root, prefix + inProfile).node.start),
  };
  refuseEngineForm(result);
  const written = scannedIntegers(text, scanned.root);
  return { ...result, profile: compiling(result, () => withWrittenValues(result.profile, written, prefix)) };
}

interface Wrapped {
  readonly linux?: { readonly seccomp?: unknown };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Where in the document the profile is. */
function prefixIn(document: unknown, file: string): string {
  if (!isObject(document) || (!('linux' in document) && !('ociVersion' in document))) return '';
  const { linux } = document as Wrapped;
  if (isObject(linux) && isObject(linux.seccomp)) return '/linux/seccomp';
  throw new OcirunError('E_SECCOMP_PROFILE', `${file} has no linux.seccomp: no system call is filtered`, {
    path: file,
    pointer: '/linux/seccomp',
  });
}

/** Keys of profiles in the form of Docker and Podman, which depends on what the container is given. */
const ofEngines = ['archMap', 'includes', 'excludes'];

/** Engines make `linux.seccomp` of a form of their own; whoever took that for a profile would get wrong answers. */
function refuseEngineForm({ profile, pointer, location }: ProfileFile): void {
  const rules: unknown = isObject(profile) ? profile.syscalls : undefined;
  const places: [string, unknown][] = [['', profile]];
  if (Array.isArray(rules)) places.push(...rules.map((rule, at): [string, unknown] => [`/syscalls/${at}`, rule]));
  for (const [place, value] of places) {
    const key = isObject(value) ? ofEngines.find((each) => each in value && hasContent(value, each)) : undefined;
    if (key === undefined) continue;
    const at = `${place}/${key}`;
    throw new OcirunError('E_SECCOMP_PROFILE', `${key} belongs to the profiles of Docker and Podman`, {
      pointer: pointer(at),
      location: location(at),
      hint: "the engine makes linux.seccomp of such a profile for each container: give that container's config.json",
    });
  }
}

/** Docker writes `"includes": {}` where a rule is for every container. */
function hasContent(holder: object, key: string): boolean {
  const value = (holder as Record<string, unknown>)[key];
  return isObject(value) && Object.keys(value).length > 0;
}

/** Runs the compiler; what it finds wrong with the profile is told with its place in the file. */
export function compiling<Result>({ pointer, location }: ProfileFile, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof SeccompError)) throw error;
    throw new OcirunError('E_SECCOMP_PROFILE', error.message, {
      pointer: pointer(error.pointer),
      location: location(error.pointer),
    });
  }
}

const prefix = 'SCMP_ARCH_';

/** An architecture as the specification names it, or without SCMP_ARCH_, in any case. */
export function architectureNamed(word: string): ArchitectureName {
  const names = Object.keys(architectures) as ArchitectureName[];
  const upper = word.toUpperCase();
  const name = names.find((each) => each === upper || each === prefix + upper);
  if (name) return name;
  const meant = nearest(upper.startsWith(prefix) ? upper : prefix + upper, names);
  throw new OcirunError('E_USAGE', `there is no architecture ${JSON.stringify(word)}`, {
    hint: meant ? `did you mean ${meant}?` : `${names.map((each) => each.slice(prefix.length)).join(', ')}`,
  });
}
