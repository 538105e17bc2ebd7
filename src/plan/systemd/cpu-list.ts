/** Far more than the kernel has processors or nodes for; what names more is left to the kernel to refuse. */
const most = 1 << 16;

/**
 * A list as in cpuset.cpus ("1,3-5"; Documentation/core-api/kernel-api.rst, bitmap_parselist) as the bitmap of
 * AllowedCPUs: processor n is bit n % 8 of byte n / 8. Undefined for what is no such list.
 */
export function bitmapOf(list: string): Uint8Array | undefined {
  const bytes: number[] = [];
  for (const element of list.split(',').map((text) => text.trim())) {
    if (element === '') continue;
    // first-last:used/group
    const match = /^(\d+)(?:-(\d+)(?::(\d+)\/(\d+))?)?$/.exec(element);
    const [first = most, last = first, used = 1, group = used] = (match ?? []).slice(1).filter(Boolean).map(Number);
    if (last < first || last >= most || group < 1) return undefined;
    for (let bit = first; bit <= last; bit += 1) if ((bit - first) % group < used) setBit(bytes, bit);
  }
  return bytes.length > 0 ? Uint8Array.from(bytes) : undefined;
}

function setBit(bytes: number[], bit: number): void {
  const at = bit >> 3;
  while (bytes.length <= at) bytes.push(0);
  bytes[at] = (bytes[at] as number) | (1 << (bit & 7));
}
