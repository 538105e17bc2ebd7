"""The step that runs a program: what it is given, how its end is told, and what hostile ones cannot do."""
import errno
import os
import resource
import select
import signal
import struct
import time

from container import Dead, Init
from harness import fails, fifo_of, output_of, test
from plan import FIFO, KINDS, OPS, ROOT, encode, step
from plans import default_plan, inserted, place_of

SHELL = "/bin/sh"


def program(path, args, env=(), before="{\"pid\":", behind="}", timeout=0):
    return step("runProgram", [len(args), timeout], [path, before, behind, *args, *env])


def shell(script, env=("PATH=/usr/bin:/bin",), **options):
    return program(SHELL, ["sh", "-c", script], env, **options)


def with_program(bench, new, before="pivot", args=("true",), **options):
    plan = default_plan(bench.root, list(args), **options)
    at = place_of(plan, OPS[before])
    return inserted(plan, at, new), at


def written(bench, script, **options):
    """What the script has written to `$1`, which is outside the container."""
    path = f"{bench.root}-told"
    new = program(SHELL, ["sh", "-c", script, "sh", path], ["PATH=/usr/bin:/bin"])
    plan, _ = with_program(bench, new)
    failure = output_of(bench, plan, **options)
    assert failure == "", failure
    with open(path) as file:
        return file.read()


def ends(bench, new, error, limit=2.0, **options):
    """The detail of the failure that the program's end is, which comes in time."""
    plan, at = with_program(bench, new)
    began = time.monotonic()
    failure = output_of(bench, plan, **options)
    assert time.monotonic() - began < limit, "it took too long"
    assert failure[:3] == (KINDS["failure"], at, error), failure
    return failure[3].decode()


@test
def a_program_gets_its_input_arguments_and_environment(bench):
    path = f"{bench.root}-told"
    new = program(SHELL, ["zero", "-c", "(cat; echo; echo $0 $1 $#; env) > $B/told", "one", "two"],
                  [f"B={os.path.dirname(bench.root)}", "PATH=/bin:/usr/bin"], "{\"pid\": ", ", \"ü\": 1}")
    plan, _ = with_program(bench, new)
    assert output_of(bench, plan) == ""
    with open(f"{os.path.dirname(path)}/told") as file:
        lines = file.read().splitlines()
    assert lines[:2] == ["{\"pid\": 1, \"ü\": 1}", "one two 1"], lines
    assert sorted(line.split("=")[0] for line in lines[2:] if not line.startswith(("_=", "PWD=", "SHLVL=", "OLDPWD="))) == ["B", "PATH"], lines


@test
def a_program_needs_no_arguments(bench):
    with open(f"{bench.root}-none", "w") as file:
        file.write(f"#!/bin/sh\ntouch {bench.root}-ran\n")
    os.chmod(f"{bench.root}-none", 0o755)
    plan, _ = with_program(bench, program(f"{bench.root}-none", []))
    assert output_of(bench, plan) == "" and os.path.exists(f"{bench.root}-ran")


@test
def a_program_may_run_in_the_root_to_be(bench):
    """Where it was changed to before counts for nothing when the program's own directory is tried."""
    os.makedirs(f"{bench.root}/closed", mode=0o700, exist_ok=True)
    there = step("changeDirectory", [0], ["/"], [ROOT])
    new = shell(f"pwd > {bench.root}-where")
    plan, at = with_program(bench, new, uid=1000, cwd="/closed")
    plan = inserted(plan, at, there)
    last = place_of(plan, OPS["changeDirectory"], 1)
    plan = inserted(plan, last, step("changeDirectory", [0], ["/closed"], [ROOT]),
                    step("capabilities", [0, 0, 0, 0]))
    fails(bench, plan, last + 2, errno.EACCES, "/closed")
    with open(f"{bench.root}-where") as file:
        assert file.read() == f"{bench.root}\n"


@test
def a_program_in_the_container_is_the_container_s(bench):
    """After the root has changed, the path is that of the container, and so are the process ids."""
    new = program("/bin/sh", ["sh", "-c", "cat > /dev/shm/told; echo $$ $PPID >> /dev/shm/told; pwd >> /dev/shm/told"],
                  ["PATH=/bin"], "pid ", "\n")
    plan, _ = with_program(bench, new, "closeDescriptors", ["cat", "/dev/shm/told"])
    assert output_of(bench, plan) == "pid 1\n2 1\n/work/dir\n"


@test
def a_program_gets_no_descriptor_of_ours(bench):
    text = written(bench, "ls /proc/self/fd > $1; ls -l /proc/self/fd/0 >> $1")
    # 3 is what ls itself has opened.
    assert text.splitlines()[:4] == ["0", "1", "2", "3"] and "memfd:input" in text, text
    assert len(text.splitlines()) == 5, text


@test
def nor_one_of_the_container(bench):
    """It is kept open for the program of the container alone."""
    kept = os.open(bench.root, os.O_RDONLY | os.O_DIRECTORY)
    text = written(bench, "ls -l /proc/self/fd > $1", keep=kept)
    assert bench.root not in text.replace(f"{bench.root}-told", ""), text
    plan = default_plan(bench.root, ["sh", "-c", "(ls -l /proc/1/fd > /dev/shm/fds); cat /dev/shm/fds"])
    at = place_of(plan, OPS["closeDescriptors"])
    plan = inserted(plan, at, step("closeDescriptors", [5]))
    assert " 4 -> " in output_of(bench, (plan[0], [s for s in plan[1] if s != step("closeDescriptors", [3])]), keep=kept)
    os.close(kept)


@test
def not_even_where_the_caller_had_closed_its_streams(bench):
    def close_streams():
        os.closerange(0, 3)

    text = written(bench, "ls /proc/self/fd > $1; cat >> $1", prepare=close_streams)
    assert text == "0\n1\n2\n3\n{\"pid\":1}", text


@test
def a_program_gets_the_mask_and_dispositions_of_the_caller(bench):
    def ignore():
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_SETMASK, [signal.SIGUSR2])

    # No shell: it would change both.
    path = f"{bench.root}-told"
    plan, _ = with_program(bench, program("/bin/cp", ["cp", "/proc/self/status", path]))
    assert output_of(bench, plan, prepare=ignore, umask=0o037) == ""
    with open(path) as file:
        fields = dict(line.split(":\t", 1) for line in file.read().splitlines())
    ignored = 1 << signal.SIGCHLD - 1 | 1 << signal.SIGUSR1 - 1
    assert int(fields["SigBlk"], 16) == 1 << signal.SIGUSR2 - 1, fields
    assert int(fields["SigIgn"], 16) & ignored == ignored and fields["Umask"] == "0037", fields


@test
def how_a_program_ends_is_told_with_what_it_wrote(bench):
    told = ends(bench, shell("echo out; echo err >&2; exit 3"), errno.ECANCELED)
    assert told == "exit status 3, stdout: out\n, stderr: err\n", told
    assert ends(bench, shell("kill -9 $$"), errno.ECANCELED) == "signal: 9, stdout: , stderr: "

    def ignore():
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)

    assert ends(bench, shell("exit 4"), errno.ECANCELED, prepare=ignore) == "exit status 4, stdout: , stderr: "


@test
def a_core_dump_is_told(bench):
    def allow():
        resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)

    with open("/proc/sys/kernel/core_pattern") as file:
        pattern = file.read()
    told = ends(bench, shell(f"cd {os.path.dirname(bench.root)}; kill -ABRT $$"), errno.ECANCELED, prepare=allow)
    dumps = resource.getrlimit(resource.RLIMIT_CORE)[1] != 0 and not pattern.startswith("|")
    assert told == ("signal: 6 (core dumped)" if dumps else told.split(",")[0]) + ", stdout: , stderr: ", told
    assert told.startswith("signal: 6"), told


@test
def a_program_that_cannot_be_run_is_named(bench):
    garbage, plain = f"{bench.root}-garbage", f"{bench.root}/bin/plain"
    with open(garbage, "w") as file:
        file.write("\x7fELF")
    os.chmod(garbage, 0o755)
    for path, error in (("/no/such/program", errno.ENOENT), (plain, errno.EACCES), (garbage, errno.ENOEXEC),
                        (bench.root, errno.EACCES)):
        plan, at = with_program(bench, program(path, ["x"]))
        fails(bench, plan, at, error, path)


@test
def much_output_neither_stops_nor_fills_us(bench):
    """Ten megabytes: the end of them is told, in one record that a fifo takes at once."""
    told = ends(bench, shell("yes 0123456789 | head -c 10000000; echo end; yes error | head -c 10000000 >&2; echo END >&2; exit 1"),
                errno.ECANCELED, 10)
    assert told.startswith("exit status 1, stdout: ") and len(told) <= 4096 - 16, len(told)
    out, err = told.split(", stdout: ")[1].split(", stderr: ")
    assert out == ("0123456789\n" * 909091)[:10000000][-1996:] + "end\n", out
    assert err == ("error\n" * 1666667)[:10000000][-1996:] + "END\n", err


@test
def output_is_not_cut_amid_a_character(bench):
    told = ends(bench, shell("i=0; while [ $i -lt 1001 ]; do printf 'ü'; i=$((i+1)); done; printf x; exit 1"), errno.ECANCELED, 10)
    assert told.startswith("exit status 1, stdout: ü") and told.endswith("üx, stderr: "), told[:40]


@test
def a_program_need_not_read(bench):
    plan, _ = with_program(bench, shell("exit 0", before="x" * 3_000_000))
    assert output_of(bench, plan) == ""
    plan, _ = with_program(bench, shell("exec 0<&-; sleep 0.1", before="x" * 3_000_000))
    assert output_of(bench, plan) == ""


@test
def a_daemon_that_keeps_the_streams_is_not_waited_for(bench):
    plan, _ = with_program(bench, shell("sleep 30 & echo $! > " + bench.root + "-daemon"))
    began = time.monotonic()
    assert output_of(bench, plan) == ""
    assert time.monotonic() - began < 5
    told = ends(bench, shell("sleep 30 & echo told; exit 5"), errno.ECANCELED)
    assert told == "exit status 5, stdout: told\n, stderr: ", told
    # One that goes on writing is not read for ever.
    told = ends(bench, shell("yes & exit 6"), errno.ECANCELED, 5)
    assert told.startswith("exit status 6, stdout: "), told


@test
def a_program_that_closes_its_streams_goes_on(bench):
    before = time_of_children()
    text = written(bench, "exec >&- 2>&-; sleep 1; echo done > $1")
    assert text == "done\n"
    assert time_of_children() - before < 0.1, "it was waited for without a rest"


def time_of_children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@test
def a_program_that_runs_too_long_is_killed(bench):
    pid_file = f"{bench.root}-pid"
    began = time.monotonic()
    told = ends(bench, shell(f"echo x > {pid_file}; exec sleep 30", timeout=400), errno.ETIME)
    assert told == SHELL and 0.4 <= time.monotonic() - began < 2, told
    assert os.path.exists(pid_file)
    # One that writes without end is never waited for, and one that ignores signals is killed all the same.
    assert ends(bench, shell("trap '' TERM INT; yes & yes & yes & yes", timeout=300), errno.ETIME) == SHELL
    assert ends(bench, shell("sleep 30 & sleep 30", timeout=300), errno.ETIME) == SHELL
    plan, _ = with_program(bench, shell("sleep 0.2", timeout=2000))
    assert output_of(bench, plan) == ""
    plan, _ = with_program(bench, shell("true", timeout=2**64 - 1))
    assert output_of(bench, plan) == ""


@test
def a_program_dies_with_init(bench):
    """Killed at once, init leaves no program behind: here without a pid namespace, which would see to that."""
    pid_file = f"{bench.root}-pid"
    plan = default_plan(bench.root, ["true"])
    at = place_of(plan, OPS["clone"])
    stage1 = [*plan[0][:at], step("clone", [0x20000])]
    new = shell(f"echo $$ > {pid_file}.new; mv {pid_file}.new {pid_file}; exec sleep 60")
    init = Init(bench.init, encode(stage1, [step("tieToRuntime"), new]))
    try:
        init.receive()
        until = time.monotonic() + 5
        while not os.path.exists(pid_file):
            if time.monotonic() > until:
                raise Dead("the program does not run")
            time.sleep(0.01)
        with open(pid_file) as file:
            pidfd = os.pidfd_open(int(file.read()))
    finally:
        init.close()
    ended = select.select([pidfd], [], [], 5)[0]
    os.close(pidfd)
    assert ended, "the program lives on"


@test
def after_start_its_failure_goes_to_the_fifo(bench):
    path, fifo = fifo_of(bench)
    new = program("/bin/sh", ["sh", "-c", "ls /proc/self/fd; cat /dev/zero | head -c 5000 >&2; exit 7"], ["PATH=/bin"])
    os.symlink("busybox", f"{bench.root}/bin/head")
    plan, at = with_program(bench, new, "closeDescriptors", wait=True)
    init = Init(bench.init, encode(*plan), slots={FIFO: fifo})
    try:
        while (record := init.receive()) and record[0] != KINDS["ready"]:
            if record[0] == KINDS["hooks"]:
                init.answer("hooked")
        init.answer("saved")
        with open(path, "rb") as file:
            data = file.read()
    finally:
        init.close()
        os.close(fifo)
    kind, index, error, length = struct.unpack("<IIiI", data[1:17])
    assert (data[:1], kind, index, error) == (b"0", KINDS["failure"], at, errno.ECANCELED), data[:17]
    assert data[17:].startswith(b"exit status 7, stdout: 0\n1\n2\n3\n, stderr: \0") and length == len(data) - 17, data[:80]


@test
def a_step_with_too_few_strings_is_refused(bench):
    for nums, strs in (([1, 0], ["/bin/true", "", ""]), ([0, 0], ["/bin/true", ""]), ([2**32, 0], ["/bin/true", "", "", "x"])):
        init = Init(bench.init, encode([], [step("runProgram", nums, strs)]))
        failure = init.failure()
        init.close()
        assert failure and (failure[1], failure[2]) == (0xFFFFFFFF, errno.EBADMSG), failure
