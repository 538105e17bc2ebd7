"""What the tests share: the list of them, the bench each gets, and how to run a plan."""
import errno
import os
import time

from container import Init
from plan import FIFO, KINDS, OPS, encode, step
from plans import NEW, default_plan, place_of, replaced

TESTS = []


def test(function):
    TESTS.append(function)
    return function


class Bench:
    """What every test gets: the init program and a fresh root filesystem."""

    def __init__(self, init, root, rounds):
        self.init, self.root, self.rounds = init, root, rounds


def output_of(bench, plan, **options):
    """Run the plan; what its program wrote, or the failure record."""
    out, into = os.pipe()
    init = Init(bench.init, encode(*plan), stdout=into, **options)
    os.close(into)
    try:
        failure = init.failure()
        if failure:
            return failure
        with os.fdopen(out, closefd=False) as file:
            text = file.read()
        statuses = init.reap()
        assert all(status == 0 for status in statuses.values()), f"statuses {statuses}, output {text!r}"
        return text
    finally:
        os.close(out)
        init.close()


def fails(bench, plan, index, error, detail=None, **options):
    record = output_of(bench, plan, **options)
    assert isinstance(record, tuple), f"no failure: {record!r}"
    assert record[0] == KINDS["failure"], record
    found = (record[1], errno.errorcode.get(record[2], record[2]))
    assert found == (index, errno.errorcode[error]), f"{found}, detail {record[3]!r}"
    if detail is not None:
        assert detail.encode() in record[3], f"{detail!r} is not in {record[3]!r}"


def broken(op, new, error, detail=None, nth=0):
    """A test in which the nth step of that op is replaced by one that must fail, and is named."""

    def run(bench):
        plan = default_plan(bench.root, ["true"])
        index = place_of(plan, OPS[op], nth)
        fails(bench, replaced(plan, index, new), index, error, detail)

    run.__name__ = f"a_failing_{op}_is_named ({detail or errno.errorcode[error]})"
    TESTS.append(run)


def fifo_of(bench):
    path = bench.root + "-fifo"
    os.mkfifo(path, 0o622)
    return path, os.open(path, os.O_PATH | os.O_CLOEXEC)


def start(bench, args, namespaces=NEW):
    """A created container: init waits on its fifo, the runtime has gone (its socket is closed)."""
    path, fifo = fifo_of(bench)
    plan = default_plan(bench.root, args, wait=True)
    plan = replaced(plan, place_of(plan, OPS["clone"]), step("clone", [namespaces]))
    init = Init(bench.init, encode(*plan), slots={FIFO: fifo})
    os.close(fifo)
    record, pid = init.receive(), 0
    while record and record[0] != KINDS["ready"]:
        assert record[0] != KINDS["failure"], record
        pid = record[1] if record[0] == KINDS["pid"] else pid
        if record[0] == KINDS["hooks"]:
            init.answer("hooked")
        record = init.receive()
    init.answer("saved")
    init.socket.close()
    until_it_opens(pid)
    return path, plan, init


def until_it_opens(pid):
    """Wait until init sleeps in openat(2) (x86-64: 257, elsewhere: 56)."""
    for _ in range(2000):
        with open(f"/proc/{pid}/syscall") as file:
            if file.read().split()[0] in ("257", "56"):
                return
        time.sleep(0.001)
    raise AssertionError("init does not wait on the fifo")
