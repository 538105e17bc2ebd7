import { O, type SocketType } from './constants.ts';
import { withFd } from './files.ts';
import { native } from './native.ts';

const longestAddress = 107;

/**
 * A socket that is connected to the one at `path`, or at a name in the abstract namespace that begins with @.
 * An address has room for 107 bytes (unix(7)): a longer path goes by a descriptor of its directory.
 */
export function connectTo(path: string, type: SocketType): number {
  if (path.startsWith('@') || native.encodeText(path).length <= longestAddress) return native.connectUnix(path, type);
  const slash = path.lastIndexOf('/');
  const directory = native.open(path.slice(0, slash + 1) || '.', O.PATH | O.DIRECTORY, 0);
  return withFd(directory, (fd) => native.connectUnix(`/proc/self/fd/${fd}/${path.slice(slash + 1)}`, type));
}
