/** The cases that prove the surface of the addon (native.ts), for every host: at least one for every function. */
import type { Native } from './native.ts';
import { argumentCases } from './surface/arguments.ts';
import { equal, type Surface } from './surface/check.ts';
import { contents } from './surface/contents.ts';
import { devicePrograms } from './surface/device-programs.ts';
import { files } from './surface/files.ts';
import { mounts } from './surface/mounts.ts';
import { processes } from './surface/processes.ts';
import { programs } from './surface/programs.ts';
import { seccomp } from './surface/seccomp.ts';
import { spawn } from './surface/spawn.ts';
import { talking } from './surface/talking.ts';
import { texts } from './surface/texts.ts';

export interface SurfaceCase {
  readonly name: string;
  run(native: Native): void;
}

const surface: Surface = {
  ...texts,
  ...files,
  ...contents,
  ...processes,
  ...talking,
  ...spawn,
  ...programs,
  ...mounts,
  ...devicePrograms,
  ...seccomp,
};

/** The host has exactly the functions that have cases here. */
const complete: SurfaceCase = {
  name: 'every function has a case',
  run: (native) => equal(Object.keys(native).sort(), Object.keys(surface).sort()),
};

export const surfaceCases: readonly SurfaceCase[] = [
  complete,
  ...Object.entries(surface).flatMap(([name, checks]) =>
    Object.entries(checks).map(([what, run]) => ({ name: `${name}: ${what}`, run })),
  ),
  ...argumentCases.map(({ name, run }) => ({ name: `${name}: wrong arguments`, run })),
];
