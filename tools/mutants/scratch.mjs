// A copy of the working tree with a build folder of its own, in which sources are broken on purpose.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './import.mjs';

export { root };

/** The copy. It stays: building it anew takes a minute. */
export const tree = join(root, 'build/mutants/tree');

const lock = join(root, 'build/mutants/lock');

/** One of us at a time has the copy: until this process ends. */
function claim() {
  const holder = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : 0;
  const words = `/proc/${holder}/cmdline`;
  if (holder !== process.pid && existsSync(words) && /mutat|mutant/.test(readFileSync(words, 'utf8')))
    throw new Error(`process ${holder} works in ${tree} (${lock})`);
  writeFileSync(lock, String(process.pid));
}

const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });

/** Every file that git knows or would add. */
const sources = () =>
  git('ls-files', '-z', '--cached', '--others', '--exclude-standard')
    .split('\0')
    .filter((name) => name !== '' && existsSync(join(root, name)));

/** Write only what differs: the build looks at times. */
function copy(name) {
  const [from, to] = [join(root, name), join(tree, name)];
  const content = readFileSync(from);
  if (existsSync(to) && content.equals(readFileSync(to))) return;
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, content, { mode: statSync(from).mode });
}

function run(command, args, what) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: tree, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`${what}:\n${stdout}${stderr}`.trim());
}

/** Everything: scripts and native code. */
export const buildAll = () => run('node', ['tools/build.mjs'], 'the build fails');

const bundling = `
import { bundle } from './tools/build/bundle.mjs';
import { chunks } from './tools/build/chunks.mjs';
await bundle(process.cwd(), chunks(process.cwd()));`;

/** Only the scripts, for bin/ocirun.js: where nothing native has changed. */
export const buildScripts = () =>
  run('node', ['--input-type=module', '-e', bundling], 'the build of the scripts fails');

const image = 'build/ocirun-init';

/**
 * The standalone binary with another init, where nothing else has changed: the bytes of init in it are replaced, which
 * spares linking it. An init that has become longer does not fit.
 */
export function exchangeInit() {
  run('cmake', ['--build', 'build/cmake', '--target', 'init'], 'the build of init fails');
  const [before, after, binary] = [unbrokenInit, image, unbroken].map((name) => readFileSync(join(tree, name)));
  const at = binary.indexOf(before);
  if (at < 0) throw new Error(`${unbroken} does not hold ${unbrokenInit}`);
  if (after.length > before.length)
    return run('cmake', ['--build', 'build/cmake', '--target', 'ocirun'], 'linking fails');
  binary.fill(0, at, at + before.length);
  after.copy(binary, at);
  writeFileSync(join(tree, 'bin/ocirun'), binary);
}

/** Make the copy as the working tree is now, and build it; the unbroken binary is put aside. */
export function prepare() {
  mkdirSync(tree, { recursive: true });
  claim();
  const names = sources();
  const known = new Set(names);
  const old = join(tree, '../sources');
  for (const name of existsSync(old) ? readFileSync(old, 'utf8').split('\n') : [])
    if (name !== '' && !known.has(name)) rmSync(join(tree, name), { force: true });
  names.forEach(copy);
  writeFileSync(old, names.join('\n'));
  if (!existsSync(join(tree, 'node_modules'))) symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
  if (!existsSync(join(tree, 'build/quickjs')) && existsSync(join(root, 'build/quickjs')))
    cpSync(join(root, 'build/quickjs'), join(tree, 'build/quickjs'), { recursive: true });
  mkdirSync(join(tree, 'build/unbroken'), { recursive: true });
  // A mutant may have left its own there.
  rmSync(join(tree, 'bin/ocirun'), { force: true });
  buildAll();
  cpSync(join(tree, 'bin/ocirun'), join(tree, unbroken));
  cpSync(join(tree, image), join(tree, unbrokenInit));
}

/** Where the binary of the unchanged sources is, from the copy, and its init. */
export const unbroken = 'build/unbroken/ocirun';
const unbrokenInit = 'build/unbroken/ocirun-init';

/** What the changed files of the copy were: the repository may have gone on in the meantime. */
const saved = new Map();

const save = (name) => saved.set(name, readFileSync(join(tree, name)));

/** Change a file of the copy; `restore` takes that back. */
export function edit(name, change) {
  save(name);
  const before = saved.get(name).toString();
  const after = change(before);
  if (after === before) throw new Error(`${name} was not changed`);
  writeFileSync(join(tree, name), after);
}

/** Take every change of the copy back. */
export function restore() {
  for (const [name, content] of saved) writeFileSync(join(tree, name), content);
  saved.clear();
}

/** The files that a patch changes. */
export const changedBy = (patch) =>
  [...readFileSync(patch, 'utf8').matchAll(/^\+\+\+ b\/(\S+)/gm)].map(([, name]) => name);

/** Apply a patch to the copy. */
export function apply(patch) {
  changedBy(patch).forEach(save);
  const { status, stdout, stderr } = spawnSync('patch', ['-p1', '--fuzz=0', '--no-backup-if-mismatch', '-i', patch], {
    cwd: tree,
    encoding: 'utf8',
  });
  if (status === 0) return;
  for (const name of changedBy(patch)) rmSync(join(tree, `${name}.rej`), { force: true });
  throw new Error(`the patch does not apply any more:\n${stdout}${stderr}`.trim());
}
