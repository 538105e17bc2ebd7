/** The 20 calls that programs make most, on x86-64. */
export const mostCommon: readonly string[] = [
  ...['read', 'write', 'close', 'openat', 'fstat', 'newfstatat', 'lseek', 'mmap', 'mprotect', 'munmap', 'brk'],
  ...['rt_sigaction', 'rt_sigprocmask', 'ioctl', 'futex', 'epoll_wait', 'sendto', 'recvfrom', 'poll', 'fcntl'],
];
