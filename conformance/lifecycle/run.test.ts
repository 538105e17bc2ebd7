import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';

conformance('run gives back the exit status', (t, box) => {
  for (const status of [0, 1, 42, 255]) {
    const result = box.call(['run', '--bundle', box.bundle(probing('exit', `${status}`)), box.id()]);
    t.equal(result.status, status, `exit ${status}: ${result.stderr}`);
  }
});

conformance('run gives back 128+N for a death by signal', (t, box) => {
  for (const signal of [6, 9, 11, 15]) {
    // A process that is not the first of its pid namespace, so that the signal's default action is taken.
    const bundle = box.bundle(probing('signal', `${signal}`), (c) => {
      c.linux.namespaces = c.linux.namespaces.filter((n) => n.type !== 'pid');
    });
    t.equal(box.call(['run', '--bundle', bundle, box.id()]).status, 128 + signal);
  }
});
