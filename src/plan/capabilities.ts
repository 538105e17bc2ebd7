/** Capability names in the order of their numbers (capabilities(7)), without `CAP_`. */
const names =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE ' +
  'NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT ' +
  'SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP ' +
  'MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE';

/** Every capability that we know. */
export const capabilityNames = (): string[] => names.split(' ').map((name) => `CAP_${name}`);

/** The number of a capability (`CAP_CHOWN`), or undefined for a name that no kernel we know has. */
export function capabilityNumber(name: string): number | undefined {
  const index = names.split(' ').indexOf(name.slice(4));
  return name.startsWith('CAP_') && index >= 0 ? index : undefined;
}

/** A set of capabilities as two 32-bit halves: JavaScript's bit operations have no more. */
export interface CapabilitySet {
  readonly low: number;
  readonly high: number;
}

/** All that a kernel has; 31 to 62 may be the greatest number. */
export const everyCapability = (last: number): CapabilitySet => ({ low: -1, high: 2 ** (last - 31) - 1 });

/** Both halves as one exact number (there are fewer than 53 capabilities). */
export const maskOf = (set: CapabilitySet): number => (set.low >>> 0) + (set.high >>> 0) * 2 ** 32;

/** The set that the names make; names for which `available` has no bit go to `missing` and are left out. */
export function capabilitySet(
  wanted: readonly string[],
  available: CapabilitySet,
  missing: Set<string>,
): CapabilitySet {
  let low = 0;
  let high = 0;
  for (const name of wanted) {
    const number = capabilityNumber(name);
    const bit = number === undefined ? 0 : 1 << (number & 31);
    const half = number === undefined || number < 32 ? available.low : available.high;
    if (number === undefined || (half & bit) === 0) missing.add(name);
    else if (number < 32) low |= bit;
    else high |= bit;
  }
  return { low, high };
}
