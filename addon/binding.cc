// The surface of src/sys/native.ts as a Node-API module: a table of names and functions.

#include <tuple>

#include "convert.h"
#include "native/contents.h"
#include "native/device_program.h"
#include "native/files.h"
#include "native/host_conditions.h"
#include "native/lock.h"
#include "native/memory_files.h"
#include "native/mounts.h"
#include "native/other_processes.h"
#include "native/process.h"
#include "native/programs.h"
#include "native/sockets.h"
#include "native/spawn.h"
#include "native/system_call_filter.h"
#include "native/text.h"
#include "native/user_namespace.h"
#include "native/waiting.h"

namespace ocirun {

namespace {

struct Entry {
    const char* name;
    // Names of the arguments, a space between.
    const char* arguments;
    Napi::Function (*make)(Napi::Env, const Entry&);
};

// The word number `index` of the entry's arguments.
std::string argumentName(const Entry& entry, size_t index) {
    std::string names(entry.arguments);
    size_t from = 0;
    for (; index > 0; index--) from = names.find(' ', from) + 1;
    return names.substr(from, names.find(' ', from) - from);
}

void throwTypeError(Napi::Env env, const std::string& message) {
    napi_throw_type_error(env, nullptr, message.c_str());
}

void refuse(const Napi::CallbackInfo& info, size_t index, const Refusal& refusal) {
    const Entry& entry = *static_cast<const Entry*>(info.Data());
    // A text that cannot be given to the kernel is an error of the data, not of our code.
    if (refusal.number != 0) return throwFailure(info.Env(), {refusal.number, entry.name});
    throwTypeError(info.Env(), std::string(entry.name) + ": argument " + std::to_string(index + 1) +
                                   " (" + argumentName(entry, index) + ") " + refusal.words);
}

// Whether argument number I was taken; if not, an error is thrown.
template <size_t I, class Arguments>
bool takeOne(const Napi::CallbackInfo& info, Arguments& arguments) {
    Refusal refusal = std::get<I>(arguments).take(info[I]);
    if (!isRefused(refusal)) return true;
    refuse(info, I, refusal);
    return false;
}

bool hasCount(const Napi::CallbackInfo& info, size_t wanted) {
    if (info.Length() == wanted) return true;
    const Entry& entry = *static_cast<const Entry*>(info.Data());
    throwTypeError(info.Env(), std::string(entry.name) + ": takes " + std::to_string(wanted) +
                                   " arguments (" + entry.arguments + ")");
    return false;
}

template <class T>
using Taken = Argument<std::remove_cv_t<std::remove_reference_t<T>>>;

template <class R, class... A, size_t... I>
Napi::Value callWith(const Napi::CallbackInfo& info, R (*function)(A...),
                     std::index_sequence<I...>) {
    Napi::Env env = info.Env();
    std::tuple<Taken<A>...> arguments;
    if (!hasCount(info, sizeof...(A)) || !(takeOne<I>(info, arguments) && ...)) {
        return env.Undefined();
    }
    if constexpr (std::is_void_v<R>) {
        function(std::get<I>(arguments).get()...);
        return env.Undefined();
    } else {
        return give(env, function(std::get<I>(arguments).get()...));
    }
}

template <class R, class... A>
Napi::Value callAny(const Napi::CallbackInfo& info, R (*function)(A...)) {
    return callWith(info, function, std::index_sequence_for<A...>());
}

template <auto function>
Napi::Value call(const Napi::CallbackInfo& info) {
    return callAny(info, function);
}

template <auto function>
Napi::Function make(Napi::Env env, const Entry& entry) {
    return Napi::Function::New<call<function>>(env, entry.name, const_cast<Entry*>(&entry));
}

// -- functions that the types of JavaScript shape a little differently
// -----------------------------------------

Buffer encodeText(FreeText text) { return Buffer(text.bytes); }

Result<Text> decodeText(Bytes bytes) { return asText(Buffer(bytes), "decodeText"); }

Result<void> writeData(int fd, Data data) { return write(fd, data.bytes); }

Result<int> startTextProgram(const char* path, const Strings& arguments, const Strings& environment,
                             const char* directory, FreeText input, uint32_t limit) {
    return startProgram({path, directory, arguments, environment, input.bytes, limit});
}

Result<void> setWideLimit(int pid, int resource, Wide soft, Wide hard) {
    return setLimit(pid, resource, soft.number, hard.number);
}

// clang-format off
constexpr Entry kSurface[] = {
#define ENTRY(name, arguments, function) {name, arguments, make<function>}
    ENTRY("exit", "status", exitNow),
    ENTRY("encodeText", "text", encodeText),
    ENTRY("decodeText", "bytes", decodeText),
    ENTRY("describeErrno", "errno", describeErrno),
    ENTRY("clock", "id", clockTime),

    ENTRY("open", "path flags mode", open),
    ENTRY("openat", "dir path flags mode", openAt),
    ENTRY("openat2", "dir path flags mode resolve", openAt2),
    ENTRY("close", "fd", close),
    ENTRY("readText", "fd limit", readText),
    ENTRY("readBytes", "fd limit", readBytes),
    ENTRY("write", "fd data", writeData),
    ENTRY("mkdirat", "dir path mode", makeDirectory),
    ENTRY("mknodat", "dir path mode major minor", makeNode),
    ENTRY("symlinkat", "content dir path", makeLink),
    ENTRY("unlinkat", "dir path flags", unlink),
    ENTRY("renameat", "oldDir oldPath newDir newPath", rename),
    ENTRY("readlinkat", "dir path", readLink),
    ENTRY("listDirectory", "fd", listDirectory),
    ENTRY("statat", "dir path flags", status),
    ENTRY("exists", "dir path", exists),
    ENTRY("filesystemType", "fd", filesystemType),
    ENTRY("fchownat", "dir path uid gid flags", changeOwner),
    ENTRY("flock", "fd operation", lock),
    ENTRY("lockBeside", "fd", lockBeside),
    ENTRY("closeOnExec", "fd on", closeOnExec),
    ENTRY("isInherited", "fd", isInherited),

    ENTRY("memfdCreate", "name flags", memoryFile),
    ENTRY("addSeals", "fd seals", addSeals),
    ENTRY("writeInitImage", "fd", writeInitImage),
    ENTRY("spawnInit", "image socket cgroup name keep timeout", spawnInit),

    ENTRY("getenv", "variable", environmentValue),
    ENTRY("getpid", "", processId),
    ENTRY("getids", "", userAndGroupIds),
    ENTRY("getcwd", "", workingDirectory),
    ENTRY("kernelRelease", "", kernelRelease),
    ENTRY("capabilities", "", capabilities),
    ENTRY("setSubreaper", "on", setSubreaper),
    ENTRY("setDumpable", "on", setDumpable),
    ENTRY("umask", "mask", setUmask),
    ENTRY("pidfdOpen", "pid", openPidfd),
    ENTRY("pidfdGetfd", "pidfd fd", takeDescriptor),
    ENTRY("pidfdSendSignal", "pidfd signal", sendSignal),
    ENTRY("waitPidfd", "pidfd flags", waitPidfd),
    ENTRY("reapAny", "except", reapAny),
    ENTRY("setRlimit", "pid resource soft hard", setWideLimit),

    ENTRY("socketPair", "", socketPair),
    ENTRY("sendRecord", "fd data fds", sendRecord),
    ENTRY("receiveRecord", "fd limit", receiveRecord),
    ENTRY("receiveTimeout", "fd timeout", receiveTimeout),
    ENTRY("poll", "fds wanted timeout", poll),
    ENTRY("defaultSignal", "signal", defaultSignal),
    ENTRY("signalFd", "signals", signalDescriptor),
    ENTRY("readSignal", "fd", readSignal),
    ENTRY("connectUnix", "address type", connectUnix),
    ENTRY("bindDatagram", "address", bindDatagram),

    ENTRY("startProgram", "path args env directory input limit", startTextProgram),
    ENTRY("awaitProgram", "pidfd timeout", awaitProgram),

    ENTRY("openTree", "dir path flags", openTree),
    ENTRY("mountSetattr", "fd flags set clear userns", setMountAttributes),
    ENTRY("userNamespace", "uidMap gidMap", userNamespace),

    ENTRY("loadDeviceProgram", "program", loadDeviceProgram),
    ENTRY("attachDeviceProgram", "cgroup program flags replaced", attachDeviceProgram),
    ENTRY("detachDeviceProgram", "cgroup program", detachDeviceProgram),
    ENTRY("devicePrograms", "directory", devicePrograms),
    ENTRY("openProgram", "id", openProgram),

    ENTRY("auditArchitecture", "", auditArchitecture),
    ENTRY("seccompHasFlags", "filterFlags", knowsFilterFlags),
    ENTRY("seccompHasAction", "filterAction", knowsFilterAction),
#undef ENTRY
};
// clang-format on

Napi::Object begin(Napi::Env env, Napi::Object exports) {
    hostConditions::begin();
    for (const Entry& entry : kSurface) exports.Set(entry.name, entry.make(env, entry));
    return exports;
}

}  // namespace

NODE_API_MODULE(ocirun, begin)

}  // namespace ocirun
