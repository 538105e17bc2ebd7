import type { Control } from '../cgroup/control.ts';

/** "8:0 rbps=max wiops=max": what such a line says where nothing is set. */
const reset = (written: string): string =>
  written.includes('=') ? written.replace(/=\S+/g, '=max') : written.replace(/ .*/, ' default');

/**
 * What brings a control file back to what it says now, once something else has been written to it; undefined where
 * that cannot be told.
 * @param text what it says now
 * @param written what is going to be written
 * @param file the name of the file, where that says more
 */
export function previousValue(text: string, written: string, file = ''): string | undefined {
  // The weight of an idle cgroup cannot be written: it comes with cpu.idle.
  if (file === 'cpu.weight' && text.trim() === '0') return undefined;
  const lines = text.split('\n').filter((line) => line !== '');
  const [key = ''] = written.split(' ');
  const own = lines.find((line) => line.startsWith(`${key} `));
  if (own !== undefined) return own;
  // An entry for a device, where there is none yet.
  if (/^\d+:\d+ |=/.test(written)) return reset(written);
  if (lines.length > 1) return lines.find((line) => line.startsWith('default '));
  return lines[0] ?? '\n';
}

/**
 * The files of an update in the order to write their old values in, the last one first: what the kernel changes with
 * one of them comes back, too, and after it.
 */
export function withWeight(controls: readonly Control[]): readonly Control[] {
  const idle = controls.find(({ file }) => file === 'cpu.idle');
  if (!idle) return controls;
  const others = controls.filter((control) => control !== idle);
  const weight = { ...idle, file: 'cpu.weight', optional: true };
  return [...(others.some(({ file }) => file === 'cpu.weight') ? [] : [weight]), ...others, idle];
}
