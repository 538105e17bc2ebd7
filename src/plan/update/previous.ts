import type { Control } from '../cgroup/control.ts';

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

/** What brings a file back, and what is going to be written to it. */
export interface Previous {
  readonly control: Control;
  readonly written: string;
}

/**
 * The files of an update in the order to write their old values in, the last one first: what the kernel changes with
 * cpu.idle comes back, too, and after it.
 */
export function withWeight(controls: readonly Control[]): readonly Control[] {
  const idle = controls.find(({ file }) => file === 'cpu.idle');
  if (!idle) return controls;
  const others = controls.filter((control) => control !== idle);
  const weight = { ...idle, file: 'cpu.weight', optional: true };
  return [...(others.some(({ file }) => file === 'cpu.weight') ? [] : [weight]), ...others, idle];
}

/** An idle cgroup shows a weight, but takes none: it comes with cpu.idle. */
export const withoutIdleWeight = (previous: readonly Previous[]): readonly Previous[] =>
  previous.some(({ control: { file, value } }) => file === 'cpu.idle' && value === '1')
    ? previous.filter(({ control }) => control.file !== 'cpu.weight')
    : previous;
