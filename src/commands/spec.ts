import { OcirunError } from '../errors/error.ts';
import { hostFacts } from '../host/facts.ts';
import { defaultSpec } from '../spec/default.ts';
import { absolute } from '../state/root.ts';
import { At, O } from '../sys/constants.ts';
import { attempt, isSystemError, sys, withFd } from '../sys/index.ts';
import { type Context, textOption } from './context.ts';

/** `spec`: write a config.json to begin with. */
export function specCommand(context: Context): number {
  const path = `${absolute(textOption(context, 'bundle') ?? '.')}/config.json`;
  const [, euid, , egid] = sys.getids();
  const rootless = context.options['rootless'] === true;
  const spec = defaultSpec({ rootless, cgroup2: hostFacts().cgroup2Only, euid, egid });
  attempt('E_SYSTEM', `write ${path}`, () =>
    withFd(newFile(path), (fd) => sys.write(fd, JSON.stringify(spec, null, '\t'))),
  );
  return 0;
}

function newFile(path: string): number {
  try {
    return sys.openat(At.FDCWD, path, O.WRONLY | O.CREAT | O.EXCL, 0o666);
  } catch (error) {
    if (isSystemError(error) && error.code === 'EEXIST')
      throw new OcirunError('E_USAGE', 'File config.json exists. Remove it first', { path });
    throw error;
  }
}
