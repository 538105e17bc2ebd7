import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { mounting, probing, userNamespace } from '../lib/config.ts';
import { conformance } from '../lib/conformance.ts';
import { flavour } from '../lib/runtime.ts';

/** What the host mounts in the root filesystem comes to a user namespace with its flags locked (mount_namespaces(7)). */
conformance('a flag that the host has locked is not cleared, and named', (t, box) => {
  box.give(100000);
  mkdirSync(join(box.rootfs(), 'locked'));
  box.mount('bundle/rootfs/locked', '-t', 'tmpfs', '-o', 'ro,nosuid,nodev,noexec', 'tmpfs');
  const remounting = (...options: string[]) =>
    mounting({ destination: '/locked', type: 'none', source: box.directory, options: ['remount', 'bind', ...options] });
  for (const [option, flag] of Object.entries({ rw: 'ro', suid: 'nosuid', dev: 'nodev', exec: 'noexec' })) {
    const kept = ['ro', 'nosuid', 'nodev', 'noexec'].filter((other) => other !== flag);
    const bundle = box.bundle(userNamespace(), probing('exit', '0'), remounting(...kept, option));
    const { status, stderr } = box.call(['run', '--bundle', bundle, box.id()]);
    t.not(status, 0, option);
    t.match(stderr, flavour === 'ocirun' ? `locked flag ${flag}` : 'operation not permitted', option);
  }
});
