// Which blocks of the heap image does a command write to? Found out while the build runs one in the
// seed.
//
// The engine counts references in the blocks themselves: even what is only read is written to, and
// every page with such a block becomes a copy of the process's own (1.5 us each on the reference
// machine). Comparing memory would not do: most counts are back at the end where they began. So the
// image is made read-only, and each write to it that is trapped is recorded, let through by a
// single step, and the page is closed again.
#include "profile.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include <cstdint>

#include "arena.h"
#include "report.h"

namespace ocirun {

#if defined(__x86_64__)

namespace {

constexpr uintptr_t kPage = 4096;
constexpr greg_t kTrap = 0x100;  // the processor's single-step flag
// What one instruction writes to may begin in one page and end in the next.
constexpr int kMostOpen = 4;

uintptr_t image_begin;
uintptr_t image_end;
uintptr_t open_pages[kMostOpen];
int open_count;

void record(uintptr_t address) {
    Allocations& all = *allocations;
    // The block that begins last before the address; the places are in no order.
    uint32_t best = kMostAllocations;
    for (uint32_t index = 0; index < all.count; index++) {
        if (all.places[index] > address) continue;
        if (best == kMostAllocations || all.places[index] > all.places[best]) best = index;
    }
    if (best != kMostAllocations)
        all.written[best / 8] = static_cast<unsigned char>(all.written[best / 8] | 1 << best % 8);
}

void onWrite(int, siginfo_t* info, void* context) {
    const auto address = reinterpret_cast<uintptr_t>(info->si_addr);
    if (address < image_begin || address >= image_end || open_count == kMostOpen)
        giveUp("the profiled command went wrong");
    record(address);
    const uintptr_t page = address & ~(kPage - 1);
    mprotect(reinterpret_cast<void*>(page), kPage, PROT_READ | PROT_WRITE);
    open_pages[open_count++] = page;
    static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_EFL] |= kTrap;
}

void onStep(int, siginfo_t*, void* context) {
    while (open_count > 0)
        mprotect(reinterpret_cast<void*>(open_pages[--open_count]), kPage, PROT_READ);
    static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_EFL] &= ~kTrap;
}

void catchSignal(int signal, void (*handler)(int, siginfo_t*, void*)) {
    struct sigaction action = {};
    action.sa_sigaction = handler;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigfillset(&action.sa_mask);
    if (sigaction(signal, &action, nullptr) != 0) giveUp("cannot profile");
}

}  // namespace

void profile(unsigned char* begin, unsigned char* end, void (*command)(const char*),
             const char* argument) {
    const pid_t pid = fork();
    if (pid < 0) giveUp("cannot fork");
    if (pid > 0) {
        int status;
        if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
            giveUp("the profiled command went wrong");
        return;
    }
    image_begin = reinterpret_cast<uintptr_t>(begin) & ~(kPage - 1);
    image_end = reinterpret_cast<uintptr_t>(end) & ~(kPage - 1);
    catchSignal(SIGSEGV, onWrite);
    catchSignal(SIGTRAP, onStep);
    if (mprotect(reinterpret_cast<void*>(image_begin), image_end - image_begin, PROT_READ) != 0)
        giveUp("cannot profile");
    command(argument);
    _exit(0);
}

#else

// Without a profile the image works as well, with more pages written to.
void profile(unsigned char*, unsigned char*, void (*)(const char*), const char*) {}

#endif

}  // namespace ocirun
