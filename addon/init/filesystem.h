// Configuring filesystems, new ones and mounted ones.
#pragma once

#include <stdint.h>

#include "context.h"

namespace ocirun {

// The longest value that fsconfig(2) takes; a longer one is EINVAL.
constexpr uint32_t kMostValue = 255;

// Remember what was being set, and what the filesystem itself says about it (the log of the
// descriptor `fs`), cut at the limit. Returns `error`.
int FailWithLog(Context& context, int fs, int error, const char* about);

// Give the filesystem an option, `key` or `key=value`. Returns 0 or an errno.
int Configure(Context& context, int fs, const char* option);

// Give the filesystem that is mounted at `mount` the options of the step `remount`. Returns 0 or an
// errno.
int Reconfigure(Context& context, const Step& step, int mount);

// The length of the key where `option` is a security module's label ("context=…"), else 0. In the
// data of mount(2) such a value stands between quotes where it has a comma; fsconfig(2) gets it
// whole, and without.
uint32_t LabelKey(const char* option);

// A new filesystem as the step `mount` wants it, by mount(2), which has to have a directory in our
// own mount namespace for it: `target`, which is as before when this is done. `mode` is an option
// or empty. Returns a detached mount, or a negative errno.
long NewFilesystemByMount(Context& context, const Step& step, int target, const char* mode,
                          bool writable);

// Copy what the directory `from` holds into the directory `to`; `path` is for messages. Other
// mounts below it are left out. Returns 0 or an errno.
int CopyUp(Context& context, int from, int to, const char* path);

}  // namespace ocirun
