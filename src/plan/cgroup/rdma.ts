import type { Control, Source } from './control.ts';

/** "rdma.max", a line for each device (config-linux.md "RDMA"). */
export const rdmaControls = (source: Source): Control[] =>
  Object.entries(source.resources.rdma ?? {}).flatMap(([device, { hcaHandles, hcaObjects }]) => {
    const limits = [
      ...(hcaHandles === undefined ? [] : [`hca_handle=${hcaHandles}`]),
      ...(hcaObjects === undefined ? [] : [`hca_object=${hcaObjects}`]),
    ];
    const value = [device, ...limits].join(' ');
    return limits.length === 0
      ? []
      : [{ pointer: source.pointer('rdma', device), controller: 'rdma', file: 'rdma.max', value }];
  });
