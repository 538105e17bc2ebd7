import { cleanPath } from '../clean-path.ts';
import { OcirunError } from '../errors/error.ts';
import { At, O } from '../sys/constants.ts';
import { attempt, orElse, sys } from '../sys/index.ts';

/** The directory that holds the state directories, where `--root` names none (runtimes.md 3.1). */
export function defaultRoot(): string {
  const [, euid] = sys.getids();
  const runtimeDirectory = euid === 0 ? undefined : orElse('EILSEQ', undefined, () => sys.getenv('XDG_RUNTIME_DIR'));
  return runtimeDirectory ? `${runtimeDirectory}/ocirun` : '/run/ocirun';
}

/** A path from the root, cleaned, of one that may be relative to the working directory. */
export const absolute = (path: string): string =>
  cleanPath(path.startsWith('/') ? path : `${attempt('E_SYSTEM', 'find the working directory', sys.getcwd)}/${path}`);

/** The root directory as asked for; `/` is refused as runc does. */
export function rootDirectory(option: string | undefined): string {
  const root = absolute(option ?? defaultRoot());
  if (root === '/') throw new OcirunError('E_USAGE', 'Option --root argument should not be set to /');
  return root;
}

/** Make the root directory where it is missing: for this user only, as what is in it can end containers. */
export function makeRoot(root: string): void {
  const there = attempt('E_STATE', `open ${root}`, () =>
    orElse('ENOENT', false, () => {
      sys.close(sys.open(root, O.PATH | O.DIRECTORY, 0));
      return true;
    }),
  );
  let at = there ? root.length : 0;
  while (at < root.length) {
    const end = root.indexOf('/', at + 1);
    at = end < 0 ? root.length : end;
    const level = root.slice(0, at);
    const mode = at === root.length ? 0o700 : 0o755;
    attempt('E_STATE', `create ${level}`, () => orElse('EEXIST', undefined, () => sys.mkdirat(At.FDCWD, level, mode)), {
      path: level,
    });
  }
}
