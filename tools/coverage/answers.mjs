// What ocirun makes of a document: the plan, the verdict, and what the runtime itself does.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importSources, root } from '../mutants/import.mjs';

/** What the runtime was asked to do, by the functions of the addon that do it. */
let calls = [];

globalThis.ocirunNative = {
  auditArchitecture: () => 0xc000003e,
  exists: () => true,
  environ: () => ['FROM=caller'],
  startProgram: (...args) => {
    calls.push(args);
    return -1;
  },
  awaitProgram: (...args) => {
    calls.push(args);
    return [1, 0, new Uint8Array(), new Uint8Array()];
  },
};

const {
  exampleHost: host,
  exampleRequest: request,
  buildPlan,
  resourceControls,
  isDelegated,
  deviceProgramOf,
  limitsAreThere,
  validate,
  cgroupDirectory,
  runHooks,
  namespacesAhead,
  systemCallFilter,
} = await importSources([
  "export { exampleHost, exampleRequest } from './src/plan/example.ts';",
  "export { buildPlan } from './src/plan/build.ts';",
  "export { isDelegated } from './src/plan/cgroup/delegation.ts';",
  "export { resourceControls } from './src/plan/cgroup/index.ts';",
  "export { deviceProgramOf } from './src/lifecycle/device-programs.ts';",
  "export { limitsAreThere } from './src/validate/resources.ts';",
  "export { validate } from './src/validate/index.ts';",
  "export { cgroupDirectory } from './src/cgroup/path.ts';",
  "export { runHooks } from './src/lifecycle/hooks.ts';",
  "export { namespacesAhead } from './src/plan/namespaces.ts';",
  "export { systemCallFilter } from './src/lifecycle/system-call-filter.ts';",
]);

const hooksOf = (spec, kind) => {
  calls = [];
  runHooks(kind, spec.hooks, { id: 'box', bundle: '/bundle', annotations: spec.annotations, pid: 7 });
  return calls;
};

const runtimeHooks = ['prestart', 'createRuntime', 'poststart', 'poststop'];

/** What is done by the runtime, under the name that the table has for it. */
const runtimeOf = (spec, plan) => ({
  'the cgroup': cgroupDirectory(host.cgroupMount, host.ownCgroup, spec.linux?.cgroupsPath, request.id),
  'the record of the container': [spec.ociVersion, spec.annotations],
  'the id maps': plan.maps,
  'the limits, set by the runtime': plan.limits,
  'the limits of the cgroup': plan.controls?.length ? plan.controls : undefined,
  'the device program of the cgroup': [...plan.deviceProgram()],
  'the owner of the cgroup': plan.delegated,
  'what the seccomp agent gets': plan.agent,
  'the namespaces that init begins with': namespacesAhead(spec),
  ...Object.fromEntries(plan.sources.map((source, index) => [`a source: ${source.kind} (${index})`, source])),
  ...Object.fromEntries(runtimeHooks.map((kind) => [`runs the ${kind} hook`, hooksOf(spec, kind)])),
});

/** The record has these, whatever they are: there is no function to ask without making a container. */
const recorded = { '/ociVersion': 'ociVersion: spec.ociVersion', '/annotations': 'annotations: spec.annotations' };
const source = readFileSync(join(root, 'src/lifecycle/create.ts'), 'utf8');
for (const [pointer, text] of Object.entries(recorded))
  if (!source.includes(text)) throw new Error(`src/lifecycle/create.ts does not record ${pointer}: ${text}`);

const text = (value) => JSON.stringify(value, (_, member) => (typeof member === 'bigint' ? `${member}` : member));

/** Everything that a document leads to, as sets of texts. */
export function answerTo(spec) {
  const { errors, warnings } = validate(spec);
  const told = {
    refused: errors.map(({ code, message }) => `${code}|${message}`),
    warned: warnings.map(({ message }) => message),
  };
  if (errors.length > 0) return { ...told, steps: [], runtime: {} };
  const controls = limitsAreThere(spec) ? resourceControls(spec.linux.resources) : undefined;
  const deviceProgram = () => deviceProgramOf(spec.linux?.resources?.devices);
  const seccomp = spec.linux?.seccomp;
  const plan = buildPlan({
    ...request,
    spec,
    controls,
    filter: seccomp && systemCallFilter(seccomp, request.bundle, request.exact, { debugging: false }),
    delegated: isDelegated(spec),
    deviceProgram,
    rootfs: `/bundle/${spec.root?.path}`,
  });
  told.warned.push(...plan.warnings);
  const runtime = Object.fromEntries(Object.entries(runtimeOf(spec, plan)).map(([name, value]) => [name, text(value)]));
  return { ...told, steps: [...plan.stage1, ...plan.stage2].map((step) => `${step.op}|${text(step)}`), runtime };
}

const added = (was, is) => is.filter((entry) => !was.includes(entry));

const name = (entry) => entry.split('|')[0];

/** What a property leads to: ops, actions, refusals, warnings; nothing where it makes no difference. */
export function differences(without, withIt) {
  const refused = added(without.refused, withIt.refused).map(name);
  if (refused.length > 0) return [...new Set(refused)].map((code) => `refused: \`${code}\``);
  const changed = added(without.steps, withIt.steps);
  const steps = (changed.length > 0 ? changed : added(withIt.steps, without.steps)).map(name);
  const names = new Set([...Object.keys(without.runtime), ...Object.keys(withIt.runtime)]);
  const runtime = [...names]
    .filter((key) => without.runtime[key] !== withIt.runtime[key])
    .map((key) => key.replace(/ \(\d+\)$/, ''));
  const warned = added(without.warned, withIt.warned);
  return [
    ...[...new Set(steps)].map((op) => `\`${op}\``),
    ...new Set(runtime),
    ...warned.map((message) => `warning: ${message}`),
  ];
}
