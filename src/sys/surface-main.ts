/** The program build/ocirun-surface: runs the cases of surface.ts and prints TAP. */
import { native } from './native.ts';
import { type SurfaceCase, surfaceCases } from './surface.ts';

function problemOf({ run }: SurfaceCase): string | undefined {
  try {
    run(native);
    return undefined;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}\n${error.stack ?? ''}` : String(error);
  }
}

/** Ends the process: 0 where all is well. */
export function run(): never {
  native.write(1, `TAP version 14\n1..${surfaceCases.length}\n`);
  let failed = 0;
  surfaceCases.forEach((one, index) => {
    const problem = problemOf(one);
    if (problem !== undefined) failed++;
    const lines = problem === undefined ? '' : `# ${problem.trim().replaceAll('\n', '\n# ')}\n`;
    native.write(1, `${problem === undefined ? 'ok' : 'not ok'} ${index + 1} - ${one.name}\n${lines}`);
  });
  return native.exit(failed === 0 ? 0 : 1);
}
