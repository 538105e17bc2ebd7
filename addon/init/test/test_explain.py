"""What init tells of a program that was not executed, or a directory that was not entered (facts.h, walk.h, explain.h)."""
import errno
import os
import stat
import struct
import time

from harness import fails, output_of, start, test
from plan import OPS, ROOT, step
from plans import default_plan, place_of, replaced

EM = {"x86_64": 62, "aarch64": 183}.get(os.uname().machine, 0)


def facts_of(detail):
    about, *facts = detail.split(b"\0")
    return about.decode(), [fact.decode() for fact in facts]


def told(bench, plan, op, error, about):
    record = output_of(bench, plan)
    assert isinstance(record, tuple), f"no failure: {record!r}"
    assert record[1:3] == (place_of(plan, OPS[op]), error), record
    found, facts = facts_of(record[3])
    assert found == about, found
    return facts


def contains(facts, *wanted):
    """These facts, one behind the other."""
    assert any(tuple(facts[at : at + len(wanted)]) == wanted for at in range(len(facts))), f"{wanted} is not in {facts}"


def write(bench, path, content, mode=0o755):
    with open(bench.root + path, "wb") as file:
        file.write(content)
    os.chmod(bench.root + path, mode)


def elf(machine=EM, loader=b"", kind=2, bits=2):
    text = loader + b"\0" if loader else b""
    if bits == 1:
        header = struct.pack("<16sHHIIIIIHHHHHH", b"\x7fELF\1\1\1", kind, machine, 1, 0, 52, 0, 0, 52, 32, 1, 0, 0, 0)
        return header + struct.pack("<8I", 3 if text else 0, 84, 0, 0, len(text), 0, 0, 0) + text
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", kind, machine, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    return header + struct.pack("<IIQQQQQQ", 3 if text else 0, 0, 120, 0, 0, len(text), 0, 0) + text


def chain(bench, *targets):
    """Links that lead from one to the next, the last one to nothing."""
    for number, target in enumerate(targets):
        os.symlink(f"{target}chain{number + 1}", f"{bench.root}/chain{number}")


@test
def who_has_failed_is_told(bench):
    facts = told(bench, default_plan(bench.root, ["/none"], uid=1000), "findProgram", errno.ENOENT, "/none")
    assert facts[0].startswith("self 3e8 3e8 "), facts
    caps = 1 << 5 | 1 << 10 | 1 << 29
    assert facts[0].split()[3:] == ["0", f"{caps:x}"] or facts[0].split()[3:] == [f"{caps:x}"] * 2, facts
    word, machine, _, page = facts[1].split()
    assert (word, int(machine, 16), int(page, 16)) == ("system", EM, os.sysconf("SC_PAGESIZE")), facts
    assert facts[2].split()[0] == "limits" and len(facts[2].split()) == 3, facts


@test
def where_a_way_ends_is_told(bench):
    os.mkdir(f"{bench.root}/opt")
    os.chmod(f"{bench.root}/opt", 0o751)
    facts = told(bench, default_plan(bench.root, ["/opt/a/b"]), "findProgram", errno.ENOENT, "/opt/a/b")
    contains(facts, "program /opt/a/b", "stop 2 /opt/a", "within 41e9 0 0 1 /opt/")
    facts = told(bench, default_plan(bench.root, ["/bin/busybox/x"]), "findProgram", errno.ENOTDIR, "/bin/busybox/x")
    contains(facts, "program /bin/busybox/x", "stop 14 /bin/busybox", "file 81ed 0 0 1 /bin/busybox")
    facts = told(bench, default_plan(bench.root, ["//bin//none"]), "findProgram", errno.ENOENT, "//bin//none")
    contains(facts, "program //bin//none", "stop 2 //bin//none")
    facts = told(bench, default_plan(bench.root, ["./none"]), "findProgram", errno.ENOENT, "./none")
    contains(facts, "stop 2 ./none", "within 41ed 0 0 1 ./")
    name = "/" + "n" * 256
    facts = told(bench, default_plan(bench.root, [name]), "findProgram", errno.ENAMETOOLONG, name)
    contains(facts, f"stop 24 {name}")


@test
def links_on_the_way_are_told(bench):
    os.symlink("bin", f"{bench.root}/usr-bin")
    os.symlink("../etc/none", f"{bench.root}/bin/dangling")
    facts = told(bench, default_plan(bench.root, ["/usr-bin/dangling"]), "findProgram", errno.ENOENT, "/usr-bin/dangling")
    contains(facts, "link /usr-bin", "to bin", "link /bin/dangling", "to ../etc/none", "stop 2 /bin/../etc/none")
    os.symlink("loop", f"{bench.root}/loop")
    facts = told(bench, default_plan(bench.root, ["/loop"]), "findProgram", errno.ELOOP, "/loop")
    contains(facts, "link /loop", "to loop", "link /loop", "to loop")
    assert "stop 28 /loop" in facts and facts.count("link /loop") == 8, facts


@test
def a_link_that_makes_the_path_too_long_is_told(bench):
    chain(bench, *["/"] * 8)
    # Behind the links that are told, so that nothing else keeps the fact from fitting.
    os.symlink("/" + "./" * 2045 + "12", f"{bench.root}/chain8")
    for rest, fits in (("/x", True), ("/xy", False), ("/" + "x" * 20, False)):
        facts = told(bench, default_plan(bench.root, ["/chain0" + rest]), "findProgram",
                     errno.ENOENT, "/chain0" + rest)
        assert facts[-1] == "cut" if fits else f"stop {errno.ENAMETOOLONG:x} /chain8" in facts, facts


@test
def a_directory_that_is_closed_to_the_user_is_told(bench):
    os.mkdir(f"{bench.root}/private")
    os.chmod(f"{bench.root}/private", 0o700)
    write(bench, "/private/x", b"")
    facts = told(bench, default_plan(bench.root, ["/private/x"], uid=1000), "findProgram", errno.EACCES, "/private/x")
    contains(facts, "program /private/x", "stop d /private/x", "within 41c0 0 0 0 /private/")


@test
def the_mode_and_the_mount_of_a_file_are_told(bench):
    write(bench, "/bin/mine", b"x", 0o600)
    os.chown(f"{bench.root}/bin/mine", 7, 6)
    plan = default_plan(bench.root, ["/bin/mine"], uid=1000, groups=(5, 6))
    facts = told(bench, plan, "findProgram", errno.EACCES, "/bin/mine")
    at = facts.index("file 8180 7 6 1 /bin/mine")
    word, flags = facts[at + 1].split()
    assert word == "statvfs" and int(flags, 16) & os.ST_RDONLY, facts
    assert facts[-1] == "execute d", facts


@test
def only_what_may_be_executed_is_read(bench):
    """To read a file may change something, as with /proc/kmsg; the kernel does not either."""
    facts = told(bench, default_plan(bench.root, ["/proc/kmsg"]), "findProgram", errno.EACCES, "/proc/kmsg")
    assert facts[-1] == "execute d", facts
    write(bench, "/script", b"#!/etc/passwd\n")
    facts = told(bench, default_plan(bench.root, ["/script"]), "execute", errno.EACCES, "/script")
    contains(facts, "interpreter /etc/passwd", "file 81a4 0 0 1 /etc/passwd")
    assert facts[-1] == "execute d", facts
    write(bench, "/odd", b"odd", 0o711)
    facts = told(bench, default_plan(bench.root, ["/odd"], uid=1000), "execute", errno.ENOEXEC, "/odd")
    contains(facts, "execute 0", "read d")


@test
def a_hostile_image_does_not_keep_init_looking(bench):
    long = "/" + "./" * 2030
    chain(bench, *["/"] * 8, *[long] * 30)
    began = time.monotonic()
    facts = told(bench, default_plan(bench.root, ["/chain0"]), "findProgram", errno.ENOENT, "/chain0")
    assert facts[-1] == "cut" and facts.count("cut") == 1, facts
    plan = default_plan(bench.root, ["chain8"])
    path = ":".join("/" + "./" * number for number in range(50))
    plan = replaced(plan, place_of(plan, OPS["findProgram"]), step("findProgram", [], ["chain8", path]))
    facts = told(bench, plan, "findProgram", errno.ENOENT, "chain8")
    assert facts[-1] == "cut", facts
    assert time.monotonic() - began < 8, "it takes 10 s for each path"


@test
def a_fifo_is_told_and_not_opened(bench):
    os.mkfifo(f"{bench.root}/fifo")
    os.chmod(f"{bench.root}/fifo", 0o777)
    facts = told(bench, default_plan(bench.root, ["/fifo"]), "findProgram", errno.EACCES, "/fifo")
    assert facts[-2] == "file 11ff 0 0 1 /fifo", facts


@test
def what_path_leads_to_is_told(bench):
    write(bench, "/etc/tool", b"x", 0o644)
    os.mkdir(f"{bench.root}/bin/tool")
    plan = default_plan(bench.root, ["tool"])
    plan = replaced(plan, place_of(plan, OPS["findProgram"]), step("findProgram", [], ["tool", "/none:/bin:/etc:/proc:/etc/passwd"]))
    facts = told(bench, plan, "findProgram", errno.EACCES, "tool")
    candidates = [fact for fact in facts if fact.startswith("candidate")]
    assert candidates == ["candidate /bin/tool", "candidate /etc/tool"], facts
    contains(facts, "candidate /etc/tool", "file 81a4 0 0 1 /etc/tool")
    # The directory that is on the way has a file of that name and no more.
    plan = replaced(plan, place_of(plan, OPS["findProgram"]), step("findProgram", [], ["nothing", ""]))
    assert len(told(bench, plan, "findProgram", errno.ENOENT, "nothing")) == 3


@test
def scripts_and_their_interpreters_are_told(bench):
    write(bench, "/script", b"#! \t/bin/next -x y\nrest\n")
    write(bench, "/bin/next", b"#!/no/sh\r\n", 0o711)
    facts = told(bench, default_plan(bench.root, ["/script"]), "execute", errno.ENOENT, "/script")
    begins = b"#! \t/bin".hex()
    contains(facts, "execute 0", f"begins 18 {begins}", "line 1 #! \t/bin/next -x y", "interpreter /bin/next")
    contains(facts, "line 1 #!/no/sh\r", "interpreter /no/sh\r", "stop 2 /no")
    for content, line in ((b"#!", "line 1 #!"), (b"#!  \n", "line 1 #!  "), (b"#!\0/x", "line 1 #!"),
                          (b"#!" + b"x" * 300, "line 0 #!" + "x" * 254)):
        write(bench, "/script", content)
        record = output_of(bench, default_plan(bench.root, ["/script"]))
        facts = facts_of(record[3])[1]
        assert line in facts, (content, facts)
        assert any(fact.startswith("interpreter") for fact in facts) == (len(content) > 100), facts


@test
def as_many_interpreters_as_the_kernel_follows_are_told(bench):
    for number in range(9):
        write(bench, f"/s{number}", b"#!/s%d\n" % (number + 1))
    facts = told(bench, default_plan(bench.root, ["/s0"]), "execute", errno.ELOOP, "/s0")
    interpreters = [fact for fact in facts if fact.startswith("interpreter")]
    assert interpreters == [f"interpreter /s{number}" for number in range(1, 7)], facts


@test
def programs_and_their_loaders_are_told(bench):
    for bits in (1, 2):
        machine = EM if bits == 2 else {62: 3, 183: 40}.get(EM, 0)
        write(bench, "/app", elf(machine, b"/lib/none.so", bits=bits))
        facts = facts_of(output_of(bench, default_plan(bench.root, ["/app"]))[3])[1]
        contains(facts, f"elf {bits:x} 1 2 {machine:x}", "loader /lib/none.so", "stop 2 /lib")
    write(bench, "/app", elf(0x1234))
    facts = told(bench, default_plan(bench.root, ["/app"]), "execute", errno.ENOEXEC, "/app")
    assert facts[-1] == "elf 2 1 2 1234", facts
    # The kernel asks a loader for no other.
    write(bench, "/ld", elf(0x1234, b"/lib/none.so"))
    write(bench, "/app", elf(EM, b"/ld"))
    facts = told(bench, default_plan(bench.root, ["/app"]), "execute", errno.ELIBBAD, "/app")
    assert facts[-1] == "elf 2 1 2 1234" and "loader /ld" in facts, facts
    # What has the other order of bytes (s390x) is not followed.
    write(bench, "/app", struct.pack(">16sHH", b"\x7fELF\2\2\1", 3, 22) + elf(EM, b"/lib/none.so")[20:])
    facts = told(bench, default_plan(bench.root, ["/app"]), "execute", errno.ENOEXEC, "/app")
    assert facts[-1] == "elf 2 2 3 16", facts


@test
def a_damaged_program_is_told_as_far_as_it_goes(bench):
    whole = elf(EM, b"/lib/none.so")
    size = 96
    for content in (whole[:5], whole[:63], whole[:100], whole[:125], whole[:54] + b"\1\0" + whole[56:],
                    whole[:32] + b"\xff" * 8 + whole[40:], whole[:size] + b"\xff" * 8 + whole[size + 8 :],
                    # Its last byte is no NUL; it is none where there is no room for one; it is longer than a path.
                    whole[:-1], whole[:-1] + b"x", whole[:size] + struct.pack("<Q", 1) + whole[size + 8 :],
                    elf(EM, b"/" * 4096), elf(EM, b"/" * 9000)):
        write(bench, "/app", content)
        record = output_of(bench, default_plan(bench.root, ["/app"]))
        facts = facts_of(record[3])[1]
        assert not any(fact.startswith("loader") for fact in facts), (len(content), facts)
        assert any(fact.startswith(f"begins {len(content):x} 7f454c46") for fact in facts), facts


@test
def capabilities_of_a_file_are_told(bench):
    write(bench, "/app", b"#!/bin/true\n")
    # Revision 2, effective; permitted SYS_ADMIN, inheritable KILL: a script has them in vain.
    os.setxattr(f"{bench.root}/app", "security.capability", struct.pack("<5I", 0x02000001, 1 << 21, 1 << 5, 0, 0))
    os.chmod(f"{bench.root}/app", 0o600)
    facts = told(bench, default_plan(bench.root, ["/app"]), "findProgram", errno.EACCES, "/app")
    assert f"filecaps 1 {1 << 21:x} {1 << 5:x}" in facts, facts


@test
def a_directory_is_looked_for_inside_the_root(bench):
    outside = f"{bench.root}-outside"
    os.mkdir(outside)
    os.symlink(outside, f"{bench.root}/out")
    write(bench, "/file", b"")
    for cwd, error, *wanted in (
        ("/file", errno.ENOTDIR, "directory /file", "file 81ed 0 0 1 /file"),
        ("/file/x", errno.ENOTDIR, "directory /file/x", "stop 14 /file", "file 81ed 0 0 1 /file"),
        ("/out/../file/x", errno.ENOENT, "directory /out/../file/x", "link /out", f"to {outside}"),
    ):
        plan = default_plan(bench.root, ["true"])
        plan = replaced(plan, place_of(plan, OPS["makeDirectory"]), step("makeDirectory", [], [cwd], [ROOT]))
        contains(told(bench, plan, "makeDirectory", error, cwd), *wanted)
    assert os.listdir(outside) == [], "made outside the root"
    plan = default_plan(bench.root, ["true"])
    at = place_of(plan, OPS["changeDirectory"])
    plan = replaced(plan, at, step("changeDirectory", [1], ["/link-to-file"], [ROOT]))
    facts = told(bench, plan, "changeDirectory", errno.ENOTDIR, "/link-to-file")
    contains(facts, "directory /link-to-file", "link /link-to-file", "to /etc/passwd", "file 81a4 0 0 1 /etc/passwd")


@test
def what_does_not_fit_is_cut_between_facts(bench):
    deep = ("/" + "d" * 200) * 9
    os.makedirs(bench.root + deep)
    write(bench, "/script", b"#!/s1\n")
    for number in range(1, 6):
        os.symlink(f"{deep}/s{number}", f"{bench.root}/s{number}")
        write(bench, f"{deep}/s{number}", b"#!/s%d\n" % (number + 1))
    path, _, init = start(bench, ["/script"])
    with open(path, "rb") as file:
        data = file.read()
    init.close()
    assert len(data) - 1 <= 4096 and struct.unpack("<I", data[13:17])[0] == len(data) - 17, len(data)
    about, facts = facts_of(data[17:])
    assert about == "/script" and facts[-1] == "cut", facts[-3:]
    assert f"to {deep}/s1" in facts, "whole up to there"
    name = "/" + "x/" * 2046
    record = output_of(bench, default_plan(bench.root, [name]))
    assert record[3].split(b"\0")[0] == name.encode() and len(record[3]) <= 4096, len(record[3])


@test
def a_program_beside_init_is_told_of_too(bench):
    plan = default_plan(bench.root, ["true"])
    at = place_of(plan, OPS["await"])
    new = step("runProgram", [0, 0], [f"{bench.root}/etc/passwd", "", ""])
    failing = replaced(plan, at, new)
    record = output_of(bench, failing)
    assert record[1:3] == (at, errno.EACCES), record
    about, facts = facts_of(record[3])
    assert about == f"{bench.root}/etc/passwd", about
    assert f"file {stat.S_IFREG | 0o644:x} 0 0 1 {bench.root}/etc/passwd" in facts, facts
    fails(bench, failing, at, errno.EACCES, "/etc/passwd")
