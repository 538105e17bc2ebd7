import type { HostFacts } from '../host/facts.ts';
import type { PlanRequest } from './build.ts';

/** A machine to plan for where none is looked at: in tests, and for docs/coverage.md. In no program. */
export const exampleHost: HostFacts = {
  cgroupMount: '/sys/fs/cgroup',
  cgroup2Only: true,
  ownCgroup: '/user.slice',
  bounding: { low: ~0, high: 0x1ff },
  lastCapability: 40,
  kcore: true,
  overlayAppends: true,
};

/** What `create` asks for without further options; the document is missing. */
export const exampleRequest: Omit<PlanRequest, 'spec'> = {
  id: 'box',
  exact: new Map(),
  bundle: '/bundle',
  rootfs: '/bundle/rootfs',
  host: exampleHost,
  order: 'clone',
  waitForStart: true,
  pivot: true,
  newKeyring: true,
  listenFds: 0,
  notifyDirectory: undefined,
  preserveFds: 0,
};
