import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from './fail.mjs';

/** The versions of QuickJS-NG that this code is written for: at least `least`, before `before`. The one place. */
const accepted = { least: '0.16', before: '0.18' };
const debianPackage = 'qjs-src/trixie-backports';
/** Where that package puts it. */
const installed = '/usr/src/quickjs-ng';

const order = (a, b) => {
  const [x, y] = [a, b].map((version) => version.split('.').map(Number));
  return x[0] - y[0] || x[1] - y[1];
};
const isAccepted = (version) => order(version, accepted.least) >= 0 && order(version, accepted.before) < 0;

/** The version that a `quickjs.h` states. */
function headerVersion(file) {
  const text = readFileSync(file, 'utf8');
  const part = (name) => new RegExp(`QJS_VERSION_${name} (\\d+)`).exec(text)?.[1];
  return `${part('MAJOR')}.${part('MINOR')}.${part('PATCH')}`;
}

const isUsable = (source) => existsSync(join(source, 'quickjs.h')) && isAccepted(headerVersion(join(source, 'quickjs.h')));

/** Debian's source package, unpacked under the build folder; apt checks its signature. */
function unpacked(root) {
  const folder = join(root, 'build/quickjs');
  const source = join(folder, 'usr/src/quickjs-ng');
  if (!existsSync(join(source, 'quickjs.c'))) {
    const debs = join(folder, 'debs');
    mkdirSync(debs, { recursive: true });
    process.stdout.write("QuickJS-NG: unpacking Debian's qjs-src\n");
    const bring = spawnSync(join(root, 'tools/apt-private.sh'), [debs, debianPackage], { stdio: 'inherit' });
    if (bring.status !== 0) fail('QuickJS-NG cannot be downloaded; where it is packaged: apt-get install qjs-src');
    const deb = readdirSync(debs).find((name) => name.startsWith('qjs-src_'));
    execFileSync('dpkg-deb', ['-x', join(debs, deb), folder]);
  }
  const version = headerVersion(join(source, 'quickjs.h'));
  if (!isAccepted(version)) fail(`qjs-src is ${version}; wanted ${accepted.least} ≤ version < ${accepted.before}`);
  return source;
}

/**
 * The folder with QuickJS-NG's source. A library that a distribution has built is no use: it wants glibc, and the
 * standalone binary has musl (docs/decisions/0002); but the source package may be installed already.
 */
export function quickjs(root) {
  return isUsable(installed) ? installed : unpacked(root);
}
