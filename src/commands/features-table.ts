import { capabilityNames } from '../plan/capabilities.ts';
import { memoryPolicyFlags, memoryPolicyModes } from '../plan/memory-policy.ts';
import { mountOptionNames } from '../plan/mount-options.ts';
import type { SeccompFeatures } from '../lifecycle/seccomp-features.ts';
import type { Features } from '../spec/features-types.ts';
import { specVersion, version } from '../version.ts';

/**
 * What this version can do, in the form of features.md and features-linux.md of runtime-spec.
 * @param seccomp the same of filters of system calls, for which the kernel is asked
 */
export const features = <Seccomp extends SeccompFeatures>(seccomp: Seccomp) =>
  ({
    ociVersionMin: '1.0.0',
    ociVersionMax: specVersion,
    hooks: ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'],
    mountOptions: mountOptionNames(),
    linux: {
      namespaces: ['cgroup', 'ipc', 'mount', 'network', 'pid', 'time', 'user', 'uts'],
      capabilities: capabilityNames(),
      cgroup: { v1: false, v2: true, systemd: true, systemdUser: true, rdma: true },
      seccomp,
      apparmor: { enabled: false },
      selinux: { enabled: false },
      memoryPolicy: { modes: memoryPolicyModes.split(' '), flags: Object.keys(memoryPolicyFlags) },
      intelRdt: { enabled: false, schemata: false, monitoring: false },
      mountExtensions: { idmap: { enabled: true } },
      netDevices: { enabled: false },
    },
    annotations: { 'org.ocirun.version': version },
    // No annotation changes what is done: they are handed on to hooks and to `state`.
    potentiallyUnsafeConfigAnnotations: [],
  }) satisfies Features;
