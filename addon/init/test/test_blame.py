"""What init tells of a mount that failed (blame.h): where the way ends, which call and option, which flags."""
import errno
import os
import stat

import trees
from harness import output_of, test
from plan import FIRST, ROOT, step
from plans import NODEV, NOSUID, RDONLY
from test_attach import BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY, MS_REMOUNT, apart, attaching, with_fewer_rights
from test_explain import contains, facts_of
from test_mounts import mounting
from trees import index_of, plan_with, tree


def told(bench, new, error, about, before="await", **options):
    """The facts of such a step that fails."""
    plan = plan_with(bench, [new], ["true"], before)
    record = output_of(bench, plan, **options)
    assert isinstance(record, tuple), f"no failure: {record!r}"
    assert record[1:3] == (index_of(plan, new), error), record
    found, facts = facts_of(record[3])
    assert found == about, found
    return facts


def remounting(target, *options, to_set=0, clear=0):
    return step("remount", [to_set, clear, 0, 0, 0, 1 if options else 0], [target, *options], [ROOT])


@test
def the_file_on_the_way_of_a_mount_is_told(bench):
    os.symlink("/bin/busybox/x", f"{bench.root}/way")
    facts = told(bench, mounting("/way/deeper", "tmpfs", "x"), errno.ENOTDIR, "/way/deeper")
    contains(facts, "link /way", "to /bin/busybox/x", f"stop {errno.ENOTDIR:x} /bin/busybox")
    assert any(fact.startswith("file 8") and fact.endswith(" /bin/busybox") for fact in facts), facts


@test
def links_on_the_way_of_a_procfs_are_told(bench):
    os.symlink("etc", f"{bench.root}/fake")
    facts = told(bench, mounting("/fake", "proc", "x", real=1), errno.ELOOP, "/fake")
    contains(facts, "link /fake", "to etc")


@test
def no_link_on_the_way_leads_out_of_the_root(bench):
    """What is looked at after a failure is looked at by the rules that it failed by."""
    outside = f"{bench.root}-outside"
    os.mkdir(outside)
    os.symlink(f"../../../..{outside}", f"{bench.root}/out")
    facts = told(bench, remounting("/out"), errno.ENOENT, "/out")
    contains(facts, "link /out", f"to ../../../..{outside}")
    assert any(fact.startswith(f"stop {errno.ENOENT:x} ") for fact in facts), facts
    assert not any(fact.startswith("file ") for fact in facts), facts


@apart
def a_missing_mount_point_on_a_readonly_mount_is_told(bench, outside):
    os.mkdir(f"{bench.root}/t")
    first = attaching("/t", to_set=RDONLY)
    new = mounting("/t/none/deeper", "tmpfs", "x")
    plan = plan_with(bench, [first, new], ["true"])
    record = output_of(bench, plan, slots={FIRST: tree(f"{outside}/below")})
    assert record[1:3] == (index_of(plan, new), errno.EROFS), record
    _, facts = facts_of(record[3])
    assert facts[0] == f"stop {errno.ENOENT:x} /t/none", facts
    assert facts[1].startswith("within 4") and facts[1].endswith(" /t/"), facts
    assert facts[2].startswith("statvfs ") and int(facts[2].split()[1], 16) & os.ST_RDONLY, facts


@apart
def what_was_to_go_there_is_told(bench, outside):
    facts = told(bench, attaching("/bin"), errno.ENOTDIR, "/bin", slots={FIRST: tree(f"{outside}/file")})
    assert facts[0].startswith("file 4") and facts[0].endswith(" /bin"), facts
    assert facts[-1].startswith("tree 8"), facts
    facts = told(bench, attaching("/bin/busybox"), errno.ENOTDIR, "/bin/busybox", slots={FIRST: tree(outside)})
    assert facts[0].startswith("file 8") and facts[-1].startswith("tree 4"), facts


@test
def the_option_that_was_refused_is_told(bench):
    facts = told(bench, mounting("/x", "tmpfs", "x", "mode=700", "size=oranges"), errno.EINVAL,
                 "size=oranges: e tmpfs: Bad value for 'size'")
    assert facts == ["option size=oranges", "call fsconfig"], facts
    facts = told(bench, remounting("/dev/shm", "nosuchoption"), errno.EINVAL,
                 "nosuchoption: e tmpfs: Unknown parameter 'nosuchoption'")
    assert facts == ["option nosuchoption", "call fsconfig"], facts
    long = "a=" + "x" * 256 + ",b"
    facts = told(bench, mounting("/x", "tmpfs", "x", long), errno.EINVAL,
                 f"{long}: mount(2) takes this for two options")
    assert facts == [f"option {long}", "call mount"], facts


@test
def the_call_that_was_refused_is_told(bench):
    assert told(bench, mounting("/x", "nosuchfs", "x"), errno.ENODEV, "nosuchfs") == ["call fsopen"]
    assert told(bench, mounting("/x", "nosuchfs", "x" * 256), errno.ENODEV, "nosuchfs") == ["call mount"]
    missing = "/no/such/device"
    facts = told(bench, mounting("/x", "ext4", missing), errno.ENOENT, f"ext4: e {missing}: Can't lookup blockdev")
    assert facts == ["call fsconfig"], facts
    new = step("pivot", [], [], [ROOT])
    plan = plan_with(bench, [new], ["true"], "hostname")
    record = output_of(bench, plan)
    assert facts_of(record[3]) == ("", ["call pivot_root"]), record


@test
def what_is_there_in_place_of_a_device_is_told(bench):
    with open(f"{bench.root}/odd", "w") as file:
        file.write("x")
    new = step("device", [stat.S_IFCHR | 0o666, 1, 3, 0, 0], ["/odd"], [ROOT])
    facts = told(bench, new, errno.EEXIST, "/odd")
    assert facts[0].startswith("file 8") and facts[0].endswith(" /odd"), facts


@apart
def every_flag_that_is_locked_is_told(bench, outside):
    trees.mount("none", f"{outside}/below", None, MS_REMOUNT | BIND | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY)

    def work():
        facts = told(bench, attaching("/t", clear=RDONLY | NODEV | NOSUID), errno.EPERM, "/t: cannot clear locked flag ro",
                     "device", slots={FIRST: tree(f"{outside}/below")})
        assert facts[0] == f"locked {RDONLY | NODEV | NOSUID:x}", facts
        flags = int(facts[1].split()[1], 16)
        assert flags & 0xf == os.ST_RDONLY | os.ST_NOSUID | 4 | 8, "as it was before init tried: %x" % flags

    with_fewer_rights(work)
