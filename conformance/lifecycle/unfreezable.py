"""Waits in the kernel, for a page of its own that nobody brings (userfaultfd(2)): such a wait ends by SIGKILL alone, and
the cgroup freezer cannot interrupt it. Argument: the cgroup to go to first. Says "ready" before it waits."""
import ctypes
import fcntl
import os
import struct
import sys

# x86-64 and the generic table that newer architectures use.
SYS_USERFAULTFD = 323 if os.uname().machine == "x86_64" else 282
UFFDIO_API, UFFDIO_REGISTER, MISSING = 0xC018AA3F, 0xC020AA00, 1

with open(sys.argv[1] + "/cgroup.procs", "w") as procs:
    procs.write(str(os.getpid()))

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
page = libc.mmap(None, 4096, 3, 0x22, -1, 0)
fault = libc.syscall(SYS_USERFAULTFD, os.O_CLOEXEC)
if fault < 0:
    sys.exit(f"userfaultfd: {os.strerror(ctypes.get_errno())}")
fcntl.ioctl(fault, UFFDIO_API, struct.pack("QQQ", 0xAA, 0, 0))
fcntl.ioctl(fault, UFFDIO_REGISTER, struct.pack("QQQQ", page, 4096, MISSING, 0))
print("ready", flush=True)
# Such a fault comes from the middle of a system call, and no signal but SIGKILL ends it (MADV_POPULATE_WRITE).
libc.madvise(ctypes.c_void_p(page), 4096, 23)
