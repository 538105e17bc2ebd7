import { OcirunError } from '../errors/error.ts';
import type { Log } from '../log.ts';
import { isSystemError, readFile, sys } from '../sys/index.ts';

/** Numbers of linux/capability.h. */
const netAdmin = 12;
const sysAdmin = 21;
const bpf = 39;

/** What is known of us when bpf(2) has failed. */
export interface Circumstances {
  readonly euid: number;
  /** The text of /proc/self/uid_map. */
  readonly uidMap: string;
  /** Halves of the effective capabilities. */
  readonly low: number;
  readonly high: number;
}

/** A map of all ids to themselves: that of the first user namespace, or one that cannot be told from it. */
const whole = /^\s*0\s+0\s+4294967295\s*$/;

/**
 * Whether a container has to do without a device program, as with runc (canSkipEBPFError): outside of the first user
 * namespace nobody may load one, nor make a device that could be opened.
 */
export const mayDoWithout = ({ euid, uidMap }: Circumstances): boolean => euid !== 0 || !whole.test(uidMap);

function hintFor(code: string, { low, high }: Circumstances): string | undefined {
  if (code === 'ENOSYS')
    return 'the kernel has no bpf(2) (CONFIG_BPF_SYSCALL), or a security filter around ocirun says so';
  if (code === 'EINVAL') return 'the kernel may have no device programs for cgroups (CONFIG_CGROUP_BPF)';
  if (code === 'E2BIG') return 'the kernel does not check programs that long: give fewer rules';
  if (code !== 'EPERM' && code !== 'EACCES') return undefined;
  const has = (capability: number): boolean => ((capability < 32 ? low : high) & (1 << (capability & 31))) !== 0;
  if (!has(sysAdmin) && !(has(bpf) && has(netAdmin)))
    return 'it takes CAP_SYS_ADMIN, or CAP_BPF and CAP_NET_ADMIN, which ocirun does not have';
  return 'a security filter (seccomp) around ocirun refuses bpf(2), or a cgroup above allows no program below it';
}

/** The error to be thrown for one of bpf(2); undefined where the container has to do without a device program. */
export function explained<Thrown>(error: Thrown, circumstances: Circumstances): Thrown | OcirunError | undefined {
  const cause = error instanceof OcirunError ? error.details.cause : undefined;
  if (!(error instanceof OcirunError) || !isSystemError(cause) || cause.syscall !== 'bpf') return error;
  if (mayDoWithout(circumstances)) return undefined;
  const hint = hintFor(cause.code, circumstances);
  return new OcirunError(error.code, error.message, {
    pointer: '/linux/resources/devices',
    ...error.details,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Throw what explains that a device program could not be loaded or attached, or go on without it. */
export function tellDeviceFailure(error: Error, log: Log): void {
  const [low = 0, high = 0] = sys.capabilities();
  const uidMap = readFile('/proc/self/uid_map', 65536);
  const thrown = explained(error, { euid: sys.getids()[1], uidMap, low, high });
  if (thrown !== undefined) throw thrown;
  log.debug(`devices are not limited: ${error.message}`);
}
