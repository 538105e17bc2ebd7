// Steps that are not written yet; each goes to its own file.
#include <errno.h>

#include "context.h"

namespace ocirun {

int Join(Context&, const Step&) { return ENOSYS; }
int TimeOffsets(Context&, const Step&) { return ENOSYS; }
int OomScoreAdj(Context&, const Step&) { return ENOSYS; }
int Sysctl(Context&, const Step&) { return ENOSYS; }
int Scheduler(Context&, const Step&) { return ENOSYS; }
int IoPriority(Context&, const Step&) { return ENOSYS; }
int Personality(Context&, const Step&) { return ENOSYS; }
int MemoryPolicy(Context&, const Step&) { return ENOSYS; }
int RunProgram(Context&, const Step&) { return ENOSYS; }

}  // namespace ocirun
