import { O } from '../sys/constants.ts';
import { sys, withFd } from '../sys/index.ts';

/** A larger config.json is refused. */
export const configLimit = 64 << 20;

/**
 * The text of config.json.
 * @param unreadable what to throw where there is none: a part of its own knows why
 */
export function readConfig(bundle: string, unreadable: () => typeof import('./unreadable.ts').unreadable): string {
  let text: string;
  try {
    // What is no file, as a named pipe, must not keep us waiting.
    const fd = sys.open(`${bundle}/config.json`, O.RDONLY | O.NONBLOCK, 0);
    text = withFd(fd, () => sys.readText(fd, configLimit));
  } catch (error) {
    throw unreadable()(bundle, configLimit, error);
  }
  if (text === '') throw unreadable()(bundle, configLimit);
  return text;
}
