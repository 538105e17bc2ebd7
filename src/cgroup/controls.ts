import { OcirunError } from '../errors/error.ts';
import type { Control } from '../plan/cgroup/index.ts';
import { attempt, type LimitFile, orElse, readFile, writeControl } from '../sys/index.ts';

/** Write the limits of a cgroup that has their controllers. */
export function writeControls(directory: string, controls: readonly Control[]): void {
  for (const control of controls) refuseBelowUsage(directory, control);
  const later = controls.filter((control) => !writeOne(directory, control));
  for (const control of later) writeOne(directory, { ...control, again: false });
}

/** Whether it is written, or need not be; false: to be tried again. */
function writeOne(directory: string, control: Control): boolean {
  const { instead, optional = false, again = false } = control;
  try {
    if (isWritten(directory, control)) return true;
    if (instead && isWritten(directory, { ...control, ...instead })) return true;
  } catch (error) {
    if (again && error instanceof OcirunError && error.details.errnoName === 'EINVAL') return false;
    throw error;
  }
  if (optional) return true;
  const { pointer, file, lacking } = control;
  const path = `${directory}/${file}`;
  const message = lacking ? `${lacking} (no ${path})` : `${doing(directory, control)}: no such file or directory`;
  throw new OcirunError('E_CGROUP', message, { pointer, path });
}

/** False where there is no such file. */
function isWritten(directory: string, control: Control): boolean {
  const { file, value, pointer } = control;
  const path = `${directory}/${file}`;
  const write = (): boolean => {
    writeControl(path as LimitFile, value);
    return true;
  };
  try {
    return attempt('E_CGROUP', doing(directory, control), () => orElse('ENOENT', false, write), { path, pointer });
  } catch (error) {
    if (!(error instanceof OcirunError)) throw error;
    const hint = hints[`${file} ${error.details.errnoName}`];
    throw hint ? new OcirunError(error.code, error.message, { ...error.details, hint }) : error;
  }
}

/** What the file of the document is to the user: runc's words. */
const doing = (directory: string, { pointer, file, value }: Control): string => {
  const write = `write ${value.trim() || 'nothing'} to ${directory}/${file}`;
  return pointer.includes('/unified/') ? `unable to set unified resource "${file}": ${write}` : write;
};

/** What the kernel means by an error of a file. */
const hints: Readonly<Record<string, string>> = {
  'io.max ENODEV': 'there is no block device with these numbers, or it is a partition: lsblk shows whole disks',
  'io.bfq.weight ENODEV': 'there is no block device with these numbers: lsblk shows them',
  'io.bfq.weight EOPNOTSUPP': 'the device does not use the scheduler BFQ (/sys/block/*/queue/scheduler)',
  'io.weight EOPNOTSUPP': 'io.cost is not set up for this device',
  'rdma.max ENODEV': 'there is no such RDMA device: ls /sys/class/infiniband',
  'cpuset.cpus EINVAL': 'the cgroup above does not have these CPUs, or the machine',
  'cpuset.cpus ERANGE': 'the machine does not have so many CPUs',
  'cpuset.mems EINVAL': 'the machine does not have these NUMA nodes',
  'cpuset.mems ERANGE': 'the machine does not have so many NUMA nodes',
  'cpu.weight EINVAL': 'an idle cgroup has no weight: cpu.idle has to be 0 first',
  'cpu.max.burst EINVAL': 'a burst may not be larger than the quota',
  'cpu.max EINVAL': 'the quota may not be smaller than the burst, nor larger in proportion than that of a cgroup above',
};

/** "this value MUST be rejected if it is below the usage" (config-linux.md "Memory", checkBeforeUpdate); texts of runc. */
function refuseBelowUsage(directory: string, { aboveUsage = [], pointer }: Control): void {
  if (aboveUsage.length === 0) return;
  const path = `${directory}/memory.current`;
  // Where it cannot be told, as before the cgroup has the controller, the limit counts.
  const usage = orElse('ENOENT', 0n, () => BigInt(readFile(path, 64).trim()));
  for (const { what, limit } of aboveUsage)
    if (limit <= usage)
      throw new OcirunError('E_CGROUP', `rejecting ${what} ${limit} <= usage ${usage}`, {
        pointer,
        path,
        hint: 'give more, or leave out linux.resources.memory.checkBeforeUpdate and have the kernel kill',
      });
}
