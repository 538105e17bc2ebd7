// What the commands find in place of the machine, as far as it does not belong to the document.
import { Mode } from '../../src/sys/constants.ts';

/** What was written, to whatever descriptor. */
export const written: (string | Uint8Array)[] = [];

Object.assign(globalThis.ocirunNative, {
  argv: () => ['ocirun'],
  environ: () => [],
  getenv: () => undefined,
  auditArchitecture: () => 0xc000003e,
  write: (_fd: number, data: string | Uint8Array) => void written.push(data),
  // Every root filesystem is there.
  statat: () => [Mode.DIRECTORY | 0o755, 0, 0, 0, 0, 0, 0, 0, 1],
});
