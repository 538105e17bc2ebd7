/** Calls that programs make all the time: the search is quickest for them. The order does not matter. */
export const usual: readonly string[] = [
  ...['read', 'write', 'close', 'openat', 'fstat', 'newfstatat', 'lseek', 'mmap', 'mprotect', 'munmap', 'brk'],
  ...['rt_sigaction', 'rt_sigprocmask', 'ioctl', 'pread64', 'writev', 'poll', 'futex', 'epoll_wait', 'epoll_pwait'],
  ...['sendto', 'recvfrom', 'recvmsg', 'sendmsg', 'clock_gettime', 'clock_nanosleep', 'getpid', 'fcntl', 'statx'],
];
