import type { Control, Source } from './control.ts';

/**
 * Files of cgroup v2 by name (config-linux.md "Unified"): a line of the text is a write, as these files have one entry
 * for each. A text with nothing in it is an empty line, which some files take for their default.
 */
export const unifiedControls = (source: Source): Control[] =>
  Object.entries(source.resources.unified ?? {}).flatMap(([file, text]) => {
    const [controller = file] = file.split('.');
    const lines = text.split('\n').filter((line) => line !== '');
    return (lines.length > 0 ? lines : ['\n']).map((value) => ({
      pointer: source.pointer('unified', file),
      controller,
      file,
      value,
      ...(file === 'pids.max' ? { late: true } : {}),
    }));
  });
