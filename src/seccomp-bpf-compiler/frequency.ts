import { callNames, placeOf } from './syscalls.ts';

/** Calls that programs make all the time: the search is quickest for them. The order does not matter. */
export const usual: readonly string[] = [
  ...['read', 'write', 'close', 'openat', 'fstat', 'newfstatat', 'lseek', 'mmap', 'mprotect', 'munmap', 'brk'],
  ...['rt_sigaction', 'rt_sigprocmask', 'ioctl', 'pread64', 'writev', 'poll', 'futex', 'epoll_wait', 'epoll_pwait'],
  ...['sendto', 'recvfrom', 'recvmsg', 'sendmsg', 'clock_gettime', 'clock_nanosleep', 'getpid', 'fcntl', 'statx'],
];

/** Weight of a call that is used all the time, in comparison with any other. */
const usualWeight = 400;

/** The weight of each call, by its place in the tables. */
export const evenWeights = new Uint16Array(callNames.length + 1).fill(1);
export const usualWeights = evenWeights.slice();
for (const name of usual) usualWeights[placeOf(name) as number] = usualWeight;
