import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { conformance } from '../lib/conformance.ts';
import { alive, cgroups } from '../lib/machine.ts';
import { probing } from '../lib/config.ts';

conformance('delete removes a stopped container', (t, box) => {
  box.must(['run', '--keep', '--bundle', box.bundle(probing('exit', '0')), box.id()]);
  box.must(['delete', box.id()]);
  t.strictSame(box.ids(), []);
  t.strictSame(cgroups(box.name), []);
});

conformance('delete ends and removes a created container', (t, box) => {
  box.must(['create', '--bundle', box.bundle(), box.id()]);
  const pid = Number(box.state()?.['pid']);
  box.must(['delete', box.id()]);
  t.notOk(alive(pid));
  t.strictSame(box.ids(), []);
});

conformance('delete refuses a running container', (t, box) => {
  const pid = box.startReady();
  const result = box.call(['delete', box.id()]);
  t.equal(result.status, 1);
  t.match(result.stderr, `cannot delete container ${box.id()} that is not stopped: running`);
  t.ok(alive(pid));
  t.equal(box.state()?.['status'], 'running');
});

conformance('delete --force ends a running container', (t, box) => {
  const pid = box.startReady();
  box.must(['delete', '--force', box.id()]);
  t.notOk(alive(pid), 'before delete returns');
  t.strictSame(box.ids(), []);
  t.strictSame(cgroups(box.name), []);
});

conformance('delete -f is delete --force', (t, box) => {
  box.startReady();
  box.must(['delete', '-f', box.id()]);
  t.strictSame(box.ids(), []);
});

conformance('delete refuses an unknown container', (t, box) => {
  const result = box.call(['delete', box.id('missing')]);
  t.equal(result.status, 1);
  t.match(result.stderr, 'container does not exist');
});

conformance('delete --force of an unknown container is no failure', (t, box) => {
  const result = box.call(['delete', '--force', box.id('missing')]);
  t.equal(result.status, 0);
  t.equal(result.stderr, '');
});

conformance('delete works once', (t, box) => {
  box.must(['create', '--bundle', box.bundle(), box.id()]);
  box.must(['delete', box.id()]);
  t.equal(box.call(['delete', box.id()]).status, 1);
  t.equal(box.call(['delete', '--force', box.id()]).status, 0);
});

conformance('delete frees the id', (t, box) => {
  const bundle = box.bundle();
  for (let round = 0; round < 3; round += 1) {
    box.must(['create', '--bundle', bundle, box.id()]);
    box.must(['delete', '--force', box.id()]);
  }
  t.strictSame(box.ids(), []);
});

conformance('delete --force removes a state directory without state', (t, box) => {
  mkdirSync(join(box.root, box.id()));
  t.equal(box.call(['delete', '--force', box.id()]).status, 0);
  t.notOk(existsSync(join(box.root, box.id())));
});

conformance('delete leaves the bundle alone', (t, box) => {
  const bundle = box.bundle();
  box.must(['create', '--bundle', bundle, box.id()]);
  box.must(['delete', box.id()]);
  t.ok(existsSync(join(bundle, 'config.json')));
  t.ok(existsSync(join(bundle, 'rootfs/probe')));
});

conformance(
  'delete of a stopped container leaves alone the next one in its cgroup',
  (t, box) => {
    const [first, second] = [box.id('first'), box.id('second')];
    const bundle = box.bundle((config) => void (config.linux.cgroupsPath = `/${box.name}-shared`));
    box.must(['create', '--bundle', bundle, first]);
    box.must(['kill', first, 'KILL']);
    t.ok(box.reaches('stopped', first));
    box.must(['create', '--bundle', bundle, second]);
    const { stderr } = box.must(['delete', first]);
    t.match(stderr, /cgroup .*-shared stays: there are processes in it that are not this container's/);
    t.equal(box.state(second)?.['status'], 'created');
    box.must(['delete', second]);
    t.strictSame(box.ids(), []);
  },
  { only: 'ocirun' },
);
