import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fail } from './fail.mjs';

/** What the build needs besides Node.js, and the package that brings it. */
const needed = [
  ['cmake', 'cmake'],
  ['gcc', 'gcc'],
  ['g++', 'g++'],
  ['musl-gcc', 'musl-tools'],
  ['dpkg-deb', 'dpkg'],
];

const isExecutable = (file) => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};
export const onPath = (name) => (process.env.PATH ?? '').split(delimiter).some((dir) => isExecutable(join(dir, name)));

/** Ends with the one command that brings everything that is missing. */
export function checkTools() {
  const missing = needed.filter(([tool]) => !onPath(tool));
  if (!onPath('ninja') && !onPath('make')) missing.push(['ninja', 'ninja-build']);
  if (!existsSync('/usr/include/zlib.h')) missing.push(['zlib', 'zlib1g-dev']);
  if (missing.length === 0) return;
  const names = missing.map(([tool]) => tool).join(', ');
  fail(`missing: ${names} – apt-get install ${missing.map(([, apt]) => apt).join(' ')}`);
}
