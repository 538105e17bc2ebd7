import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { conformance } from '../lib/conformance.ts';
import { probing, type Edit } from '../lib/config.ts';
import { hooking, script, type Hook, type Kind } from '../lib/hooks.ts';
import { repository } from '../lib/runtime.ts';
import { mountAt, type Report } from '../lib/report.ts';
import type { Sandbox } from '../lib/sandbox.ts';

const python = '/usr/bin/env';

/** The hook that brings a library and a device. */
const card = (box: Sandbox): Hook => {
  writeFileSync(box.path('library'), 'the driver of the host');
  const pairs = [`${box.path('library')}=/usr/lib/libcuda.so.1`, '/dev/full=/dev/nvidia0'];
  return { path: python, args: ['env', 'python3', join(repository, 'conformance/hooks/nvidia.py'), ...pairs] };
};

const wanting: Edit = (config) => void config.process.env.push('NVIDIA_VISIBLE_DEVICES=all');
const looking = probing('report', '/usr/lib/libcuda.so.1', '/dev/nvidia0', '/new');

const run = (box: Sandbox, kind: Kind, hook: Hook, ...edits: Edit[]): Report => {
  const bundle = box.bundle(hooking({ [kind]: [hook] }), looking, ...edits);
  return JSON.parse(box.must(['run', '--bundle', bundle, box.id()]).stdout) as Report;
};

const brought = (report: Report) => [
  report.paths['/usr/lib/libcuda.so.1']?.read,
  report.paths['/dev/nvidia0']?.kind,
  report.paths['/dev/nvidia0']?.major,
  report.paths['/dev/nvidia0']?.minor,
];
const expected = ['the driver of the host'.length, 'c', 1, 7];

for (const kind of ['prestart', 'createRuntime'] as const) {
  conformance(`hooks: a ${kind} hook brings a driver and its device into the container`, (t, box) => {
    const report = run(box, kind, card(box), wanting);
    t.strictSame(brought(report), expected);
    t.ok(mountAt(report, '/usr/lib/libcuda.so.1'), 'it is a mount');
    t.equal(report.paths['/dev/nvidia0']?.read, 4096, 'the device works');
  });
}

conformance('hooks: a prestart hook brings a driver though the root will be read-only', (t, box) => {
  const report = run(box, 'prestart', card(box), wanting, (c) => void (c.root.readonly = true));
  t.strictSame(brought(report), expected);
  t.ok(mountAt(report, '/')?.options.includes('ro'));
});

conformance('hooks: a prestart hook that reads the config does nothing for those that do not want it', (t, box) => {
  t.strictSame(brought(run(box, 'prestart', card(box))), [undefined, undefined, undefined, undefined]);
});

conformance('hooks: what prestart hooks mount stays inside', (t, box) => {
  const hook = card(box);
  const bundle = box.bundle(hooking({ prestart: [hook] }), wanting, probing('sleep'));
  box.must(['create', '--bundle', bundle, box.id()]);
  t.notMatch(readFileSync('/proc/self/mountinfo', 'utf8'), 'libcuda');
  box.must(['delete', '--force', box.id()]);
  t.equal(readFileSync(`${bundle}/rootfs/usr/lib/libcuda.so.1`, 'utf8'), '', 'the host has only the place for it');
});

conformance('hooks: a createContainer hook mounts into the container where it runs', (t, box) => {
  writeFileSync(box.path('library'), 'the driver of the host');
  const rootfs = `${box.bundle()}/rootfs`;
  const hook = script(box, 'bind', `mount --bind ${box.path('library')} ${rootfs}/usr/lib/libcuda.so.1`);
  mkdirSync(`${rootfs}/usr/lib`, { recursive: true });
  writeFileSync(`${rootfs}/usr/lib/libcuda.so.1`, '');
  const report = run(box, 'createContainer', hook);
  t.equal(report.paths['/usr/lib/libcuda.so.1']?.read, 'the driver of the host'.length);
});

conformance('hooks: what createContainer hooks write into the root is there', (t, box) => {
  const rootfs = `${box.path('bundle')}/rootfs`;
  const hook = script(box, 'write', `ln -s libcuda.so.1 ${rootfs}/new`);
  t.strictSame(run(box, 'createContainer', hook).paths['/new']?.link, 'libcuda.so.1');
});
