// Node-API over QuickJS-NG: as much of it as our addon uses.
#pragma once

#include <node_api.h>
#include <quickjs.h>

namespace ocirun {

// Has the addon put its functions on `exports`; false where it threw.
bool loadAddon(JSContext* context, JSValueConst exports);

}  // namespace ocirun
