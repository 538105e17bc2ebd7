// npm run build: bundles the TypeScript (esbuild), then has CMake make the addon, init and the standalone binary.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle, update } from './build/bundle.mjs';
import { chunks, rare } from './build/chunks.mjs';
import { fail } from './build/fail.mjs';
import { quickjs } from './build/quickjs.mjs';
import { checkTools, onPath } from './build/tools.mjs';
import { makeValidators } from './schema.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'build/cmake');

function cmake(...args) {
  const { status } = spawnSync('cmake', args, { stdio: 'inherit', cwd: root });
  if (status !== 0) fail('cmake failed');
}

// CMake includes these files, and so notices when they change.
function writeSettings(scripts) {
  const variables = {
    QUICKJS_SOURCE: quickjs(root),
    OCIRUN_PRELOADED: scripts.product.filter((name) => !rare.has(name)).join(';'),
    OCIRUN_LAZY: scripts.product.filter((name) => rare.has(name)).join(';'),
    OCIRUN_PROGRAMS: scripts.programs.join(';'),
  };
  const lines = Object.entries(variables).map(([name, value]) => `set(${name} "${value}")\n`);
  update(join(root, 'build/settings.cmake'), lines.join(''));
}

function configure() {
  if (existsSync(join(folder, 'CMakeCache.txt'))) return;
  const generator = onPath('ninja') ? 'Ninja' : 'Unix Makefiles';
  cmake('-S', 'addon', '-B', folder, '-G', generator, '-DCMAKE_BUILD_TYPE=Release');
}

checkTools();
await makeValidators();
// esbuild has said already what is wrong with the sources.
writeSettings(await bundle(root, chunks(root)).catch((error) => fail(error.errors ? 'esbuild failed' : error.stack)));
configure();
cmake(
  '--build',
  folder,
  '--parallel',
  String(Math.min(availableParallelism(), 2)),
  '--',
  ...(onPath('ninja') ? ['--quiet'] : []),
);
