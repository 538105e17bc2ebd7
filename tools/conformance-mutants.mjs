// npm run conformance:mutants [-- --op NAME…]
// Every op of src/plan/steps.ts in turn is made to do nothing, in a copy of the repository; a black-box test has to
// notice. Prints `op → first test that failed`; ops that no test misses are survivors, and a failure.
import { allFiles, failsAnyway, firstRed } from './mutants/tests.mjs';
import { edit, exchangeInit, prepare, restore } from './mutants/scratch.mjs';
import { importSources } from './mutants/import.mjs';

const main = 'addon/init/main.cc';

/** Where a missing op is likely to show soonest; after these, all files are tried. */
const likely = {
  await: 'lifecycle/create',
  clone: 'lifecycle/run',
  tieToRuntime: 'crash/tie',
  untieFromRuntime: 'lifecycle/create',
  resetAffinity: 'config/inherited',
  newSession: 'config/process',
  sessionKeyring: 'config/process',
  loopbackUp: 'config/namespaces',
  propagation: 'root/propagation mounts/propagation',
  openProc: 'lifecycle/create',
  openRoot: 'lifecycle/run',
  mount: 'config/mounts',
  attach: 'mounts/bind',
  device: 'config/devices',
  symlink: 'config/devices',
  pivot: 'lifecycle/run',
  moveRoot: 'lifecycle/options',
  rootReadonly: 'root/root config/mounts',
  mask: 'config/paths',
  readonlyPath: 'config/paths',
  hostname: 'config/namespaces',
  domainname: 'config/namespaces',
  umask: 'process/user config/process',
  makeDirectory: 'process/cwd',
  changeDirectory: 'process/cwd',
  noNewPrivileges: 'config/rights',
  boundingSet: 'config/rights',
  user: 'process/user',
  capabilities: 'config/rights',
  findHome: 'process/environment',
  findProgram: 'lifecycle/run',
  awaitStart: 'lifecycle/start',
  dumpable: 'attacks/trace',
  closeDescriptors: 'attacks/descriptors',
  execute: 'lifecycle/run',
  limits: 'config/rights',
  remount: 'mounts/remount',
  attachDevice: 'devices/ namespaces/user',
  join: 'namespaces/join',
  timeOffsets: 'namespaces/time',
  openDirectory: 'namespaces/ root/',
  chroot: 'namespaces/ root/',
  oomScoreAdj: 'process/oom',
  sysctl: 'sysctl/',
  scheduler: 'process/scheduler',
  ioPriority: 'process/priority',
  personality: 'process/personality',
  memoryPolicy: 'process/memory-policy',
  runProgram: 'hooks/order',
  unshare: 'namespaces/user',
  seccomp: 'seccomp/',
};

const nothing = '[](Context&, const Step&) { return 0; }';

/** The table of init with `nothing` at one place. */
const without = (number) => (source) =>
  source.replace(/(kSteps\[kLastOp \+ 1\] = \{)([^}]*)(\};)/, (_, begin, entries, end) => {
    const list = entries.split(',');
    if (!(number in list)) throw new Error(`${main} has no entry for the op ${number}`);
    list[number] = nothing;
    return begin + list.join(',') + end;
  });

/** Likely files first; strace's sweeps are slow, so they come last. */
function order(op) {
  const hints = (likely[op] ?? '').split(' ').filter(Boolean);
  const rank = (file) => {
    const hint = hints.findIndex((beginning) => file.startsWith(beginning));
    return hint >= 0 ? hint : hints.length + (file.startsWith('crash/') ? 2 : file.startsWith('attacks/') ? 1 : 0);
  };
  return allFiles()
    .map((file) => [rank(file), file])
    .sort(([a, x], [b, y]) => a - b || (x < y ? -1 : 1))
    .map(([, file]) => file);
}

async function mutant(op, number) {
  edit(main, without(number));
  try {
    exchangeInit();
    for (const file of order(op)) {
      const red = await firstRed(file, { anyway: await failsAnyway(file) });
      if (red !== undefined) return `${file}: ${red}`;
    }
    return undefined;
  } finally {
    restore();
  }
}

const wanted = process.argv.slice(2).filter((argument) => argument !== '--op');
const { ops } = await importSources(["export { ops } from './src/plan/steps.ts';"]);
const unknown = wanted.filter((name) => !(name in ops));
if (unknown.length > 0) throw new Error(`no such op: ${unknown.join(' ')}`);
prepare();
const survivors = [];
for (const [op, number] of Object.entries(ops)) {
  if (wanted.length > 0 && !wanted.includes(op)) continue;
  const began = Date.now();
  const red = await mutant(op, number);
  if (red === undefined) survivors.push(op);
  const seconds = Math.round((Date.now() - began) / 1000);
  process.stdout.write(`${op.padEnd(18)} → ${red ?? 'SURVIVED'} (${seconds} s)\n`);
}
process.stdout.write(`survivors: ${survivors.join(' ') || 'none'}\n`);
process.exitCode = survivors.length > 0 ? 1 : 0;
