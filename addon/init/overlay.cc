// The lower layers of an overlay, one by one: together they are soon too long for one option.
#include <errno.h>
#include <string.h>

#include "filesystem.h"
#include "kernel.h"

namespace ocirun {

namespace {

constexpr char kList[] = "lowerdir=";
constexpr size_t kListKey = sizeof kList - 1;

// A layer of the list (`:` before each but the first, `::` before one that holds data only), as it
// is called without its escapes.
struct Layer {
    bool data;
    bool fits;
    char path[kMostValue + 1];
};

// Read the layer at `at`; returns where the next one begins, or null behind the last.
const char* ReadLayer(const char* at, Layer* layer) {
    layer->data = *at == ':';
    if (layer->data) at++;
    size_t length = 0;
    for (; *at != 0 && *at != ':'; at++) {
        if (*at == '\\' && at[1] != 0) at++;
        if (length < kMostValue) layer->path[length] = *at;
        length++;
    }
    layer->fits = length <= kMostValue;
    layer->path[layer->fits ? length : 0] = 0;
    return *at == 0 ? nullptr : at + 1;
}

}  // namespace

bool IsLayerList(const char* type, const char* option) {
    if (strcmp(type, "overlay") != 0 || strncmp(option, kList, kListKey) != 0) return false;
    for (const char* at = option + kListKey; at != nullptr;) {
        Layer layer;
        at = ReadLayer(at, &layer);
        if (!layer.fits) return false;
    }
    return true;
}

int ConfigureLayers(Context& context, int fs, const char* option) {
    for (const char* at = option + kListKey; at != nullptr;) {
        Layer layer;
        at = ReadLayer(at, &layer);
        const char* key = layer.data ? "datadir+" : "lowerdir+";
        const long set = Kernel(SYS_fsconfig, fs, FSCONFIG_SET_STRING, key, layer.path, 0);
        if (set < 0) return FailWithLog(context, fs, static_cast<int>(-set), layer.path);
    }
    return 0;
}

bool KnowsNoLayers(const Context& context) {
    constexpr char kUnknown[] = "Unknown parameter 'lowerdir+'";
    return memmem(context.detail, context.detail_length, kUnknown, sizeof kUnknown - 1) != nullptr;
}

}  // namespace ocirun
