import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { conformance } from '../lib/conformance.ts';
import { alive } from '../lib/machine.ts';
import { probing } from '../lib/config.ts';

conformance('create makes a container that waits', (t, box) => {
  box.must(['create', '--bundle', box.bundle(probing('write', 'hello')), box.id()]);
  const state = box.state();
  t.equal(state?.['status'], 'created');
  t.ok(alive(Number(state?.['pid'])), 'init is there');
  t.equal(box.output(1), '', 'the process itself has not run');
});

conformance('create takes the bundle from the current directory', (t, box) => {
  box.must(['create', box.id()], { cwd: box.bundle() });
  t.equal(box.state()?.['bundle'], box.path('bundle'));
});

conformance('create takes --bundle in all its spellings', (t, box) => {
  const bundle = box.bundle();
  box.must(['create', `--bundle=${bundle}`, box.id('a')]);
  box.must(['create', '-b', bundle, box.id('b')]);
  box.must(['create', `-b=${bundle}`, box.id('c')]);
  box.must(['create', '--bundle', 'bundle', box.id('d')], { cwd: box.directory });
  for (const suffix of ['a', 'b', 'c', 'd']) t.equal(box.state(box.id(suffix))?.['bundle'], bundle);
});

conformance('create --pid-file writes the pid and nothing else', (t, box) => {
  box.must(['create', '--bundle', box.bundle(), '--pid-file', box.path('pid'), box.id()]);
  t.equal(readFileSync(box.path('pid'), 'utf8'), `${Number(box.state()?.['pid'])}`);
});

conformance('create refuses an id that is in use and leaves its container alone', (t, box) => {
  box.must(['create', '--bundle', box.bundle(), box.id()]);
  const before = box.state();
  const result = box.call(['create', '--bundle', box.bundle(), box.id()]);
  t.equal(result.status, 1);
  t.match(result.stderr, 'container with given ID already exists');
  t.strictSame(box.state(), before);
});

conformance('create refuses ids that are no plain names', (t, box) => {
  const bundle = box.bundle();
  // A runtime that takes one leaves things that bear our name, and so go with it.
  const ids = ['%/b', '..', '.', '', '%ü', '% b', '../%', '%\nb', '%:b', '%*'].map((id) => id.replace('%', box.name));
  for (const id of ids) {
    const result = box.call(['create', '--bundle', bundle, id]);
    t.equal(result.status, 1, JSON.stringify(id));
    t.match(result.stderr, id === '' ? /ID|id/ : /invalid container ID format/, JSON.stringify(id));
  }
  t.strictSame(box.ids(), []);
});

conformance('create accepts every character of an id', (t, box) => {
  const id = `${box.name}-A9_+.-z`;
  box.must(['create', '--bundle', box.bundle(), id]);
  t.equal(box.state(id)?.['id'], id);
});

conformance('create names a bundle that is not there', (t, box) => {
  const result = box.call(['create', '--bundle', box.path('nowhere'), box.id()]);
  t.equal(result.status, 1);
  t.match(result.stderr, `${box.path('nowhere')}`);
  t.match(result.stderr, 'no such file or directory', 'in the words of runc');
});

conformance('create names a config.json that is not there', (t, box) => {
  mkdirSync(box.path('empty'));
  const result = box.call(['create', '--bundle', box.path('empty'), box.id()]);
  t.equal(result.status, 1);
  t.match(result.stderr, 'config.json');
});

conformance('create refuses a config.json that is not JSON', (t, box) => {
  const bundle = box.bundle();
  writeFileSync(join(bundle, 'config.json'), '{ "ociVersion": ');
  t.equal(box.call(['create', '--bundle', bundle, box.id()]).status, 1);
  t.strictSame(box.ids(), []);
});

conformance('create refuses a root filesystem that is not there', (t, box) => {
  const bundle = box.bundle();
  rmSync(join(bundle, 'rootfs'), { recursive: true });
  const result = box.call(['create', '--bundle', bundle, box.id()]);
  t.equal(result.status, 1);
  t.match(result.stderr, 'rootfs');
  t.strictSame(box.ids(), []);
});

conformance('create says which program is missing and leaves nothing', (t, box) => {
  const bundle = box.bundle((config) => void (config.process.args = ['/no-such-program']));
  const result = box.call(['create', '--bundle', bundle, box.id()]);
  t.equal(result.status, 1);
  t.match(result.stderr, '/no-such-program');
  t.match(result.stderr, 'no such file or directory');
  t.strictSame(box.ids(), []);
});

conformance('create finds the program on the PATH of the container', (t, box) => {
  const bundle = box.bundle((config) => {
    config.process.args = ['probe', 'exit', '9'];
    config.process.env = ['PATH=/nowhere:/'];
  });
  t.equal(box.call(['run', '--bundle', bundle, box.id()]).status, 9);
});

conformance('a later change of config.json has no effect on a created container', (t, box) => {
  box.must(['create', '--bundle', box.bundle(probing('write', 'first')), box.id()]);
  box.bundle(probing('write', 'second'));
  box.must(['start', box.id()]);
  box.reaches('stopped');
  t.equal(box.output(1), 'first');
});

conformance('create leaves its state for root only', (t, box) => {
  box.must(['create', '--bundle', box.bundle(), box.id()]);
  t.equal(statSync(join(box.root, box.id())).mode & 0o066, 0, 'neither readable nor writable by others');
});
