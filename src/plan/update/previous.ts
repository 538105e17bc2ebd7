/** "8:0 rbps=max wiops=max": what such a line says where nothing is set. */
const reset = (written: string): string =>
  written.includes('=') ? written.replace(/=\S+/g, '=max') : written.replace(/ .*/, ' default');

/**
 * What brings a control file back to what it says now, once something else has been written to it; undefined where
 * that cannot be told.
 * @param text what it says now
 * @param written what is going to be written
 */
export function previousValue(text: string, written: string): string | undefined {
  const lines = text.split('\n').filter((line) => line !== '');
  const [key = ''] = written.split(' ');
  const own = lines.find((line) => line.startsWith(`${key} `));
  if (own !== undefined) return own;
  // An entry for a device, where there is none yet.
  if (/^\d+:\d+ |=/.test(written)) return reset(written);
  if (lines.length > 1) return lines.find((line) => line.startsWith('default '));
  return lines[0] ?? '\n';
}
