#include "blame.h"

#include <sys/stat.h>

#include "walk.h"

namespace ocirun {

int FailCall(Context& context, int error, const char* about, const char* call) {
    Facts(context, error, about).Add("call", {}, call);
    return error;
}

int FailToReach(Context& context, int error, int root, const char* path, const char* why) {
    if (why == nullptr)
        Fail(context, error, path);
    else
        Fail(context, error, path, why);
    Facts facts(context);
    struct stat status = {};
    Walk(facts, root, path, &status);
    return error;
}

int FailToPlace(Context& context, int error, int root, const char* path, int tree) {
    FailToReach(context, error, root, path);
    struct stat status = {};
    if (fstat(tree, &status) == 0) Facts(context).Add("tree", {status.st_mode});
    return error;
}

int BlameOption(Context& context, int error, const char* option, const char* call) {
    Facts facts(context);
    facts.Add("option", {}, option);
    facts.Add("call", {}, call);
    return error;
}

}  // namespace ocirun
