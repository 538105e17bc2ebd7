/** Mount attributes of fsmount(2) and mount_setattr(2). */
export const attr = {
  rdonly: 0x1,
  nosuid: 0x2,
  nodev: 0x4,
  noexec: 0x8,
  atime: 0x70,
  relatime: 0x0,
  noatime: 0x10,
  strictatime: 0x20,
  nodiratime: 0x80,
  nosymfollow: 0x200000,
} as const;

/** Propagation types of mount(2); `recursive` is MS_REC, for what is mounted below, too. */
export const propagation = {
  recursive: 0x4000,
  unbindable: 1 << 17,
  private: 1 << 18,
  slave: 1 << 19,
  shared: 1 << 20,
} as const;

/** Flags of a superblock, as mount(2) has them. */
export const superblock = {
  ro: 1,
  sync: 0x10,
  mand: 0x40,
  dirsync: 0x80,
  lazytime: 0x2000000,
} as const;
