import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';

const devices: readonly (readonly [string, number, number])[] = [
  ['null', 1, 3],
  ['zero', 1, 5],
  ['full', 1, 7],
  ['random', 1, 8],
  ['urandom', 1, 9],
  ['tty', 5, 0],
];

for (const [name, major, minor] of devices)
  conformance(`/dev/${name} is there for everybody`, (t, box) => {
    const entry = box.report().dev[name];
    t.match(entry, { kind: 'c', major, minor, mode: 0o666, uid: 0, gid: 0 });
  });

const links: readonly (readonly [string, string])[] = [
  ['fd', '/proc/self/fd'],
  ['stdin', '/proc/self/fd/0'],
  ['stdout', '/proc/self/fd/1'],
  ['stderr', '/proc/self/fd/2'],
  ['ptmx', 'pts/ptmx'],
];

for (const [name, target] of links)
  conformance(`/dev/${name} is a link to ${target}`, (t, box) => {
    t.match(box.report().dev[name], { kind: 'link', link: target });
  });

conformance('/dev has nothing else', (t, box) => {
  const known = [...devices.map((d) => d[0]), ...links.map((l) => l[0]), 'pts', 'shm', 'mqueue', 'core'];
  t.strictSame(
    Object.keys(box.report().dev).filter((name) => !known.includes(name)),
    [],
  );
});

conformance('the devices work', (t, box) => {
  const report = box.report([probing('report', '/dev/null', '/dev/zero', '/dev/full', '/dev/urandom')]);
  t.match(report.paths['/dev/null'], { read: 0, write: 'yes' });
  t.match(report.paths['/dev/zero'], { read: 4096, write: 'yes' });
  t.match(report.paths['/dev/full'], { read: 4096 });
  t.match(report.paths['/dev/urandom'], { read: 4096 });
});
