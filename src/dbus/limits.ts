/** What the specification allows, so that nobody has to take more. */
export const limits = {
  array: 64 * 1024 * 1024,
  message: 128 * 1024 * 1024,
  /** Containers in each other, variants among them. */
  depth: 64,
} as const;

/** Whole numbers of a type: the least and the greatest. */
export const ranges: Readonly<Record<string, readonly [bigint, bigint]>> = {
  y: [0n, 255n],
  n: [-0x8000n, 0x7fffn],
  q: [0n, 0xffffn],
  i: [-0x8000_0000n, 0x7fff_ffffn],
  u: [0n, 0xffff_ffffn],
  h: [0n, 0xffff_ffffn],
  x: [-0x8000_0000_0000_0000n, 0x7fff_ffff_ffff_ffffn],
  t: [0n, 0xffff_ffff_ffff_ffffn],
};
