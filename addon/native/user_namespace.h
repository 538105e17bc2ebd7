// User namespaces that nobody lives in.
#pragma once

#include "result.h"

namespace ocirun {

// A new user namespace with these maps, in the format of uid_map (user_namespaces(7)).
Result<int> userNamespace(const char* uidMap, const char* gidMap);

}  // namespace ocirun
