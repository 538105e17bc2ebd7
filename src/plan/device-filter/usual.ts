import type { DeviceRule } from '../../spec/types.ts';

const denyAll: DeviceRule = { allow: false, access: 'rwm' };

const allowed = (major: number, minor?: number): DeviceRule => ({
  allow: true,
  type: 'c',
  major,
  ...(minor === undefined ? {} : { minor }),
  access: 'rwm',
});

/** What documents usually have as `linux.resources.devices`, key by key in the order of the Go programs that write them. */
export const usualDeviceRules: readonly (readonly DeviceRule[])[] = [
  [],
  // `ocirun spec`, `runc spec`, Podman, CRI-O
  [denyAll],
  // Docker (moby: oci/defaults.go)
  [
    denyAll,
    allowed(1, 5),
    allowed(1, 3),
    allowed(1, 9),
    allowed(1, 8),
    allowed(5, 0),
    allowed(5, 1),
    { allow: false, type: 'c', major: 10, minor: 229, access: 'rwm' },
  ],
  // containerd and nerdctl (containerd: oci/spec_opts.go, WithDefaultUnixDevices)
  [
    denyAll,
    allowed(1, 3),
    allowed(1, 8),
    allowed(1, 7),
    allowed(5, 0),
    allowed(1, 5),
    allowed(1, 9),
    allowed(5, 1),
    allowed(136),
    allowed(5, 2),
  ],
  // --privileged
  [{ allow: true, access: 'rwm' }],
  [denyAll, { allow: true, access: 'rwm' }],
];
