"""Mounts of the host for the tests, as the runtime opens them, and how a container's mounts look."""
import ctypes
import os

from harness import output_of
from plan import OPS
from plans import default_plan, place_of

LIBC = ctypes.CDLL(None, use_errno=True)
OPEN_TREE, MOUNT_SETATTR = 428, 442
CLONE, CLOEXEC, RECURSIVE, EMPTY_PATH = 1, 0o2000000, 0x8000, 0x1000


def checked(result, what):
    if result < 0:
        raise OSError(ctypes.get_errno(), what)
    return result


def tree(path, recursive=False):
    """A detached copy of what is mounted at `path`."""
    flags = CLONE | CLOEXEC | (RECURSIVE if recursive else 0)
    return checked(LIBC.syscall(OPEN_TREE, -100, path.encode(), flags), path)


def set_attributes(fd, to_set=0, clear=0, propagation=0, recursive=False):
    attributes = (ctypes.c_uint64 * 4)(to_set, clear, propagation, 0)
    flags = EMPTY_PATH | (RECURSIVE if recursive else 0)
    checked(LIBC.syscall(MOUNT_SETATTR, fd, b"", flags, attributes, 32), "mount_setattr")


def mount(source, target, kind, flags=0, data=None):
    texts = [None if text is None else text.encode() for text in (source, target, kind, data)]
    checked(LIBC.mount(texts[0], texts[1], texts[2], ctypes.c_ulong(flags), texts[3]), f"mount {target}")


def unmount(path):
    checked(LIBC.umount2(path.encode(), 2), f"umount {path}")


def plan_with(bench, steps, args, before="await"):
    """A default container with more steps before the first one of that op: by default, as its last mounts."""
    plan = default_plan(bench.root, args)
    at = place_of(plan, OPS[before]) - len(plan[0])
    return plan[0], [*plan[1][:at], *steps, *plan[1][at:]]


def index_of(plan, new):
    return [*plan[0], *plan[1]].index(new)


def seen(bench, steps, script, before="await", **options):
    """What the script prints in such a container."""
    text = output_of(bench, plan_with(bench, steps, ["sh", "-c", script], before), **options)
    assert isinstance(text, str), text
    return text


class Line:
    """One mount, as a line of mountinfo has it (proc_pid_mountinfo(5))."""

    def __init__(self, text):
        words = text.split()
        dash = words.index("-")
        self.root, self.target, self.attributes = words[3], words[4], words[5].split(",")
        self.optional = words[6:dash]
        self.type, self.source, self.options = words[dash + 1], words[dash + 2], words[dash + 3].split(",")


def mounts_of(bench, steps, before="await", **options):
    """What such a container has mounted, by target; the uppermost where there are several."""
    text = seen(bench, steps, "cat /proc/self/mountinfo", before, **options)
    return {line.target: line for line in map(Line, text.splitlines())}
