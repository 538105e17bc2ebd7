// What the steps share. There is one context, in static memory: nothing is allocated after the plan
// is read.
#pragma once

#include <limits.h>
#include <stdint.h>

#include "plan.h"

namespace ocirun {

constexpr uint32_t kDetailLimit = 4096;

// The descriptors that the plan's slots stand for.
class Slots {
 public:
    // -1 where there is none.
    int operator[](uint32_t slot) const { return kept_[slot] - 1; }
    void Put(uint32_t slot, int descriptor) { kept_[slot] = descriptor + 1; }

 private:
    // One more than the descriptor, so that nothing has to be filled in: zeros take no page.
    int kept_[kSlotLimit];
};

// All zeros at first, so that it takes no room in the image, which is copied for each container;
// main sets what does not begin as zero.
struct Context {
    Plan plan;
    Slots slots;
    int socket;
    // Where a failure is written instead of to the socket, once `start` listens; -1 before.
    int fifo;
    // CLONE_NEW* that stage 1 has made already, and those that it has joined.
    uint64_t made_ahead;
    uint64_t joined;
    // Stage 2 only: ends when stage 1 has announced it, so that nothing is said before that; -1
    // once it has.
    int announced;
    // Whether changeDirectory has worked.
    bool in_directory;
    // Whether this process is to die with the runtime: the kernel forgets it when credentials
    // change.
    bool tied;
    // Whether the filter of system calls is on: what is called now may be refused.
    bool filtered;
    // When each step began, and of how many that is known; no room where nobody wants to know.
    uint64_t* times;
    uint32_t timed;
    // The file mode mask of the program; init's own is 0, until it is set.
    uint32_t umask;
    bool umask_set;
    // The private procfs; -1 before it is opened.
    int proc;
    // What covers masked directories and files: an empty, read-only tmpfs, and the verified
    // /dev/null; -1 before there is one.
    int empty_tree;
    int null_device;
    // What a failing step was about: a path, or a filesystem's own words.
    char detail[kDetailLimit];
    uint32_t detail_length;
    // What findHome and findProgram found.
    char home[PATH_MAX + 8];
    char program[PATH_MAX];
    // Room for the pointers of arguments and environment.
    char** pointers;
};

// Remember what a step was about, and pass its errno on.
int Fail(Context& context, int error, const char* about);

// The same, with what is wrong with it: "about: why".
int Fail(Context& context, int error, const char* about, const char* why);

using StepFunction = int (*)(Context& context, const Step& step);

// Make namespaces before the plan has come; where that fails, `clone` makes them and says why it
// cannot.
void MakeAhead(Context& context, uint32_t namespaces);

// Take the program's file mode mask for our own, once.
void SetUmask(Context& context);

// Each does one op of src/plan/steps.ts: 0, or an errno.
int Await(Context& context, const Step& step);
int Clone(Context& context, const Step& step);
int TieToRuntime(Context& context, const Step& step);
int UntieFromRuntime(Context& context, const Step& step);
int ResetAffinity(Context& context, const Step& step);
int NewSession(Context& context, const Step& step);
int SessionKeyring(Context& context, const Step& step);
int LoopbackUp(Context& context, const Step& step);
int Propagation(Context& context, const Step& step);
int OpenProc(Context& context, const Step& step);
int OpenRoot(Context& context, const Step& step);
int Mount(Context& context, const Step& step);
int Attach(Context& context, const Step& step);
int Device(Context& context, const Step& step);
int Symlink(Context& context, const Step& step);
int Pivot(Context& context, const Step& step);
int MoveRoot(Context& context, const Step& step);
int RootReadonly(Context& context, const Step& step);
int Mask(Context& context, const Step& step);
int ReadonlyPath(Context& context, const Step& step);
int Hostname(Context& context, const Step& step);
int Domainname(Context& context, const Step& step);
int Umask(Context& context, const Step& step);
int MakeDirectory(Context& context, const Step& step);
int ChangeDirectory(Context& context, const Step& step);
int NoNewPrivileges(Context& context, const Step& step);
int BoundingSet(Context& context, const Step& step);
int User(Context& context, const Step& step);
int Capabilities(Context& context, const Step& step);
int FindHome(Context& context, const Step& step);
int FindProgram(Context& context, const Step& step);
int AwaitStart(Context& context, const Step& step);
int Dumpable(Context& context, const Step& step);
int CloseDescriptors(Context& context, const Step& step);
int Execute(Context& context, const Step& step);
int Limits(Context& context, const Step& step);
int Remount(Context& context, const Step& step);
int AttachDevice(Context& context, const Step& step);
int Join(Context& context, const Step& step);
int TimeOffsets(Context& context, const Step& step);
int OpenDirectory(Context& context, const Step& step);
int Chroot(Context& context, const Step& step);
int OomScoreAdj(Context& context, const Step& step);
int Sysctl(Context& context, const Step& step);
int Scheduler(Context& context, const Step& step);
int IoPriority(Context& context, const Step& step);
int Personality(Context& context, const Step& step);
int MemoryPolicy(Context& context, const Step& step);
int RunProgram(Context& context, const Step& step);
int Unshare(Context& context, const Step& step);
int Seccomp(Context& context, const Step& step);

}  // namespace ocirun
