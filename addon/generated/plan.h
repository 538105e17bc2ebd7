// Made by tools/generate.mjs from src/plan/steps.ts and src/plan/protocol.ts. Do not edit.
#pragma once

#include <stdint.h>

namespace ocirun {

enum class Op : uint16_t {
    kAwait = 1,
    kClone = 2,
    kTieToRuntime = 3,
    kUntieFromRuntime = 4,
    kResetAffinity = 5,
    kNewSession = 6,
    kSessionKeyring = 7,
    kLoopbackUp = 8,
    kPropagation = 9,
    kOpenProc = 10,
    kOpenRoot = 11,
    kMount = 12,
    kAttach = 13,
    kDevice = 14,
    kSymlink = 15,
    kPivot = 16,
    kMoveRoot = 17,
    kRootReadonly = 18,
    kMask = 19,
    kReadonlyPath = 20,
    kHostname = 21,
    kDomainname = 22,
    kUmask = 23,
    kMakeDirectory = 24,
    kChangeDirectory = 25,
    kNoNewPrivileges = 26,
    kBoundingSet = 27,
    kUser = 28,
    kCapabilities = 29,
    kFindHome = 30,
    kFindProgram = 31,
    kAwaitStart = 32,
    kDumpable = 33,
    kCloseDescriptors = 34,
    kExecute = 35,
    kLimits = 36,
    kRemount = 37,
    kAttachDevice = 38,
    kJoin = 39,
    kTimeOffsets = 40,
    kOpenDirectory = 41,
    kChroot = 42,
    kOomScoreAdj = 43,
    kSysctl = 44,
    kScheduler = 45,
    kIoPriority = 46,
    kPersonality = 47,
    kMemoryPolicy = 48,
    kRunProgram = 49,
    kUnshare = 50,
    kSeccomp = 51,
};

constexpr uint16_t kLastOp = 51;

enum class Kind : uint32_t {
    kPlan = 1,
    kPlaced = 2,
    kMapped = 3,
    kSourced = 4,
    kHooked = 5,
    kListened = 6,
    kSaved = 7,
    kAhead = 8,
    kSlots = 9,
    kDigest = 16,
    kPlace = 17,
    kPid = 18,
    kMaps = 19,
    kSource = 20,
    kHooks = 21,
    kPty = 22,
    kListener = 23,
    kReady = 24,
    kFailure = 25,
    kTimes = 26,
};

constexpr uint32_t kSlotLimit = 1024;
constexpr uint32_t kRecordLimit = 8192;
constexpr uint32_t kTimesPerRecord = 1000;
constexpr uint32_t kAskDigest = 1;
constexpr uint32_t kAskTimes = 2;
constexpr uint32_t kPlanMagic = 0x3150434f;
constexpr uint32_t kPlanVersion = 1;
constexpr uint32_t kPlanHeader = 24;
constexpr uint32_t kStepHeader = 16;

}  // namespace ocirun
