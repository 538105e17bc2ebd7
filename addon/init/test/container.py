"""One init, with this process in the place of the runtime."""
import fcntl
import hashlib
import os
import select
import signal
import socket
import struct
import time

from plan import KINDS

LIMIT = 20.0


class Dead(Exception):
    """Init did not answer in time."""


def memfd(data, name="plan"):
    fd = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.write(fd, data)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, 0xF)
    return fd


class Init:
    """
    `slots`: slot number -> descriptor, `part` of them in one record; `before`: (bytes, descriptors) of further records
    that come first; `prepare`: what the process does before it becomes init; `keep`: what the container has as 3 and 4.
    Everything it starts is reaped or killed by `close`.
    """

    def __init__(self, init, data, slots=(), stdout=None, digest=False, umask=None, part=200, before=(), prepare=None,
                 keep=None, times=False):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket, self.pidfd, self.records, self.statuses = ours, -1, [], {}
        self.began = time.monotonic()
        self.pid = os.fork()
        if self.pid == 0:
            self._become(init, theirs, stdout, umask, prepare, keep)
        theirs.close()
        for record, fds in before:
            self._send(record, fds)
        self.send_plan(data, list(dict(slots).items()), digest, part, times)

    @staticmethod
    def _become(init, theirs, stdout, umask, prepare, keep):
        try:
            if prepare:
                prepare()
            if stdout is not None:
                os.dup2(stdout, 1)
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            if umask is not None:
                os.umask(umask)
            theirs.set_inheritable(True)
            number = theirs.fileno()
            if keep is not None:
                number = fcntl.fcntl(theirs, fcntl.F_DUPFD, 5)
                os.dup2(keep, 4)
                os.dup2(4, 3)
            os.execve(init, ["ocirun:test", str(number), "0" if keep is None else "2", "0" * 10], {})
        finally:
            os._exit(126)

    def send_plan(self, data, slots, digest, part, times=False):
        fd = memfd(data) if isinstance(data, bytes) else data
        while len(slots) > part:
            self._send(*self._slots("slots", slots[:part]))
            slots = slots[part:]
        record, fds = self._slots("plan", slots, (1 if digest else 0) + (2 if times else 0))
        self._send(record, [fd, *fds])
        os.close(fd)

    @staticmethod
    def _slots(kind, slots, b=0):
        detail = b"".join(struct.pack("<I", number) for number, _ in slots)
        return struct.pack("<IIiI", KINDS[kind], len(slots), b, len(detail)) + detail, [fd for _, fd in slots]

    def _send(self, record, fds):
        try:
            socket.send_fds(self.socket, [record], fds)
        except BrokenPipeError:
            pass

    def receive(self):
        """The next record as (kind, a, b, detail), or None at the end of the socket."""
        if not select.select([self.socket], [], [], LIMIT)[0]:
            raise Dead("no record")
        try:
            data, fds, _, _ = socket.recv_fds(self.socket, 8192, 4)
        except ConnectionResetError:
            # It has ended without reading all; that is told once, and first. What it has said before comes now.
            data, fds, _, _ = socket.recv_fds(self.socket, 8192, 4)
        if not data:
            return None
        kind, a, b, length = struct.unpack("<IIiI", data[:16])
        assert length == len(data) - 16, "length of a record"
        if kind == KINDS["pid"]:
            assert len(fds) == 1, "a pidfd beside the pid"
            self.pidfd = fds[0]
        self.records.append((kind, time.monotonic() - self.began))
        return kind, a, b, data[16:]

    def answer(self, kind):
        self.socket.send(struct.pack("<IIiI", KINDS[kind], 0, 0, 0))

    def failure(self):
        """Answer everything until init fails; None where it becomes the program."""
        answers = {KINDS["ready"]: "saved", KINDS["hooks"]: "hooked", KINDS["place"]: "placed"}
        while (record := self.receive()) is not None:
            if record[0] == KINDS["failure"]:
                return record
            if record[0] in answers:
                self.answer(answers[record[0]])
        return None

    def reap(self, limit=LIMIT):
        """Statuses of all children; more than one where stage 2 exists (CLONE_PARENT makes it ours)."""
        until = time.monotonic() + limit
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return self.statuses
            if pid:
                self.statuses[pid] = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > until:
                raise Dead("still running")
            else:
                time.sleep(0.0005)

    def close(self):
        self.socket.close()
        if self.pidfd >= 0:
            try:
                signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
            except ProcessLookupError:
                pass
            os.close(self.pidfd)
            self.pidfd = -1
        self.reap()


def digest_of(data):
    return hashlib.sha256(data).digest()
