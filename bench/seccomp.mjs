// npm run bench:seccomp: our filters and libseccomp's for the engines' default profiles, side by side, as a table.
//
// Instructions of the program; how many of them are executed for one of the 20 most common calls of x86-64; how long
// compiling takes: ours cold, in a new process each time (the median), libseccomp's the least of 25 rounds in one
// process; and what calls cost in the kernel, whose arguments decide (personality, socket) and that are always allowed.
// Needs a build, musl-gcc, and Debian's packages for libseccomp (tools/seccomp/peer.sh).
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, 'build/bench');
const tests = join(root, 'src/seccomp-bpf-compiler/test');
mkdirSync(out, { recursive: true });

const cost = join(out, 'seccomp-cost');
execFileSync('musl-gcc', [
  '-static',
  '-O2',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-o',
  cost,
  join(root, 'bench/seccomp-cost.c'),
]);
const script = join(out, 'seccomp.js');
await build({
  entryPoints: [join(tests, 'bench.ts')],
  outfile: script,
  bundle: true,
  platform: 'node',
  format: 'esm',
  // The sources find the repository by their own place.
  define: { 'import.meta.url': JSON.stringify(pathToFileURL(join(tests, 'bench.ts')).href) },
});
execFileSync(process.execPath, [script, join(root, 'bin/ocirun'), cost], { stdio: 'inherit' });
