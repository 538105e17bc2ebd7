/**
 * Which folder below src/ may import what: dependencies point one way (design, section 5).
 *
 *   main → commands → lifecycle → plan, spec, validate, host, state, cgroup, dbus → sys → errors
 *
 * A folder may import values from the folders in its row, and types from every folder that is not above its own rank.
 */
const rows = {
  main: {
    rank: 4,
    values: ['log', 'trace', 'waiting', 'commands', 'lifecycle', 'spec', 'state', 'host', 'sys', 'errors', 'version'],
  },
  commands: {
    rank: 3,
    values: [
      'log',
      'trace',
      'waiting',
      'lifecycle',
      'plan',
      'spec',
      'validate',
      'host',
      'state',
      'cgroup',
      'seccomp-bpf-compiler',
      'sys',
      'errors',
      'version',
    ],
  },
  lifecycle: {
    rank: 2,
    values: [
      'log',
      'trace',
      'waiting',
      'plan',
      'spec',
      'validate',
      'host',
      'state',
      'cgroup',
      'dbus',
      'seccomp-bpf-compiler',
      'sys',
      'errors',
      'version',
    ],
  },
  trace: { rank: 1, values: ['sys', 'errors', 'version'] },
  waiting: { rank: 1, values: ['sys', 'errors', 'version'] },
  log: { rank: 1, values: ['state', 'sys', 'errors', 'version'] },
  spec: { rank: 1, values: ['sys', 'errors', 'version'] },
  host: { rank: 1, values: ['cgroup', 'sys', 'errors', 'version', 'capability-numbers'] },
  state: { rank: 1, values: ['waiting', 'cgroup', 'sys', 'errors', 'version', 'clean-path'] },
  cgroup: { rank: 1, values: ['waiting', 'dbus', 'sys', 'errors', 'version', 'clean-path'] },
  dbus: { rank: 1, values: ['waiting', 'sys', 'errors', 'version'] },
  // Pure: what goes in and comes out is typed elsewhere, but nothing is called there that has an effect.
  plan: { rank: 1, values: ['clean-path', 'capability-numbers'], pure: true },
  validate: { rank: 1, values: ['clean-path', 'capability-numbers'], pure: true },
  'seccomp-bpf-compiler': { rank: 1, values: [], pure: true },
  sys: { rank: 0, values: ['errors', 'version'] },
  errors: { rank: 0, values: [] },
  version: { rank: 0, values: [] },
  'clean-path': { rank: 0, values: [] },
  'capability-numbers': { rank: 0, values: [] },
};

/** Types that a pure folder may not even know: they stand for effects. */
const effects = ['sys', 'lifecycle', 'commands', 'main'];

/** The part of main.ts that prints errors; nobody else may call it. */
const onlyForMain = '/commands/report.ts';

/** Packages that are part of the product, and the one folder that uses each. */
const packages = { 'yargs-parser': 'commands', yargs: 'commands' };

/** The folder (or, for a file right below src/, the file) that a path belongs to. */
function layerOf(path) {
  const inside = /(?:^|\/)src\/(.+)$/.exec(path)?.[1];
  return inside?.split('/')[0].replace(/\.ts$/, '');
}

function resolve(from, source) {
  const parts = from.split('/').slice(0, -1);
  for (const part of source.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** Why a file of layer `from` may not import `source`, or undefined where it may. */
function objection(file, source, isType) {
  const from = layerOf(file);
  if (!source.startsWith('.')) return packageObjection(from, source, isType);
  const path = resolve(file, source);
  // The validators are made by tools/schema.mjs from spec-schemas/.
  if (/\/build\/schema\//.test(path)) return from === 'spec' ? undefined : 'only src/spec imports the made validators';
  const to = layerOf(path);
  if (to === undefined) return 'src/ imports nothing from outside of src/';
  if (path.endsWith(onlyForMain) && from !== 'main') return 'errors are thrown; only src/main.ts reports them';
  if (to === from) return undefined;
  if (path.endsWith('/sys/native.ts')) return 'only src/sys touches the addon: import src/sys/index.ts';
  const [row, target] = [rows[from], rows[to]];
  if (!row || !target) return `${row ? to : from} is no folder of the design; tools/lint/layers.mjs lists them`;
  if (isType) return typeObjection(row, target, from, to);
  return row.values.includes(to) ? undefined : `${from} may not import from ${to}`;
}

function typeObjection(row, target, from, to) {
  if (row.pure && effects.includes(to)) return `${from} is pure and may not know ${to}`;
  return target.rank <= row.rank ? undefined : `${from} may not import from ${to}, which is above it`;
}

function packageObjection(from, source, isType) {
  const name = source.startsWith('node:') ? '' : source.split('/')[0];
  if (packages[name] === from || (isType && name in packages)) return undefined;
  return `src/ runs on a host without ${source}: contact with the system goes through src/sys`;
}

const isTypeOnly = (node) =>
  node.importKind === 'type' ||
  node.exportKind === 'type' ||
  (node.type === 'ImportDeclaration' &&
    node.specifiers.length > 0 &&
    node.specifiers.every((specifier) => specifier.importKind === 'type'));

function create(context) {
  function check(node) {
    if (!node.source) return;
    const problem = objection(context.filename, node.source.value, isTypeOnly(node));
    if (problem) context.report({ node, message: `${problem}.` });
  }
  return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check };
}

export default { meta: { type: 'problem', schema: [] }, create };
