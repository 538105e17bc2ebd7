/** fsconfig(2) takes no value of 256 bytes with the NUL behind it. */
const valueLimit = 255;

/**
 * The options of an overlay: a list of lower directories that is too long for one value becomes one option a layer,
 * which kernels from 6.7 on know (overlayfs.rst, "Multiple lower layers"). What cannot be told so is left to init.
 */
export const overlayOptions = (data: readonly string[]): string[] => data.flatMap(splitLowerdir);

const key = 'lowerdir=';

function splitLowerdir(option: string): string[] {
  const value = option.slice(key.length);
  if (!option.startsWith(key) || isShort(value) || value.startsWith(':')) return [option];
  const layers: string[] = [];
  // Behind `::` there is only data of files that the layers above name; a colon of a name has a backslash.
  let name = 'lowerdir+';
  for (const [, separator, path = ''] of value.matchAll(/(::|:|^)((?:[^:\\]|\\.|\\$)*)/gs)) {
    if (separator === '::') name = 'datadir+';
    const layer = path.replaceAll(/\\(.)/gs, '$1');
    if (layer === '' || !isShort(layer)) return [option];
    layers.push(`${name}=${layer}`);
  }
  return layers;
}

/** No character has more than three bytes in UTF-8 for each of its UTF-16 units. */
const isShort = (value: string): boolean => value.length * 3 <= valueLimit || byteLength(value) <= valueLimit;

function byteLength(text: string): number {
  let length = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return length;
}
