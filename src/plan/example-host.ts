import type { HostFacts } from '../host/facts.ts';

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
