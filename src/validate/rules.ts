import type { Spec } from '../spec/types.ts';
import * as blockIo from './block-io.ts';
import { cgroupsPathIsSound } from './cgroup.ts';
import { devicesAreWhole, devicesDoNotCollide, devicesNeedMountNamespace } from './devices.ts';
import * as filesystem from './filesystem.ts';
import type { Refusal, Warning } from './finding.ts';
import { hookPathsAreAbsolute, hookVariablesAreNamed } from './hooks.ts';
import { mappingsAreOfUserNamespace, mappingsAreRanges, mountOwnersAreMapped, userIsMapped } from './idmaps.ts';
import { mountsAreSound, privateRootIsPivoted } from './mounts.ts';
import * as namespaces from './namespaces.ts';
import * as network from './network.ts';
import { fieldsAreSupported } from './not-supported.ts';
import { isForAnother, otherPlatformsAreIgnored } from './platforms.ts';
import * as process from './process.ts';
import { closIsADirectory, schemataAreLines } from './rdt.ts';
import * as resources from './resources.ts';
import * as scheduling from './scheduling.ts';
import * as seccomp from './seccomp.ts';
import { annotationsAreNamed, stringsAreUnicode, stringsHaveNoNul } from './strings.ts';
import { sysctlsAreNamespaced } from './sysctl.ts';
import { versionIsOurs, versionIsSemantic } from './version.ts';

/** What is known besides the document. */
export interface Circumstances {
  /** Whether a string may have a NUL byte or half of a surrogate pair: loadSpec sees in the text that none has, for nothing. */
  readonly mayHaveNul: boolean;
  /** Whether the root is changed with pivot_root(2). */
  readonly pivot: boolean;
}

/** Checks by name: what they find is told with it. */
type Checks<Found> = Readonly<Record<string, (spec: Spec) => readonly Found[]>>;

/** Checks that are made where the document has what they are about: most documents have little of all that can be said. */
export interface Group<Found> {
  readonly isThere: (spec: Spec, circumstances: Circumstances) => unknown;
  readonly checks: Checks<Found>;
}

const always = (): boolean => true;

const hasIds = (spec: Spec): unknown =>
  spec.linux?.uidMappings ?? spec.linux?.gidMappings ?? namespaces.namespaceOf(spec, 'user');

/** Rules that a schema cannot say, in the order in which they are told. */
export const refuse: readonly Group<Refusal>[] = [
  {
    isThere: always,
    checks: {
      versionIsSemantic,
      rootIsThere: filesystem.rootIsThere,
      processIsThere: process.processIsThere,
      argsNameAProgram: process.argsNameAProgram,
      cwdIsAbsolute: process.cwdIsAbsolute,
      environmentIsNamed: process.environmentIsNamed,
      rlimitsAreSound: process.rlimitsAreSound,
      oomScoreAdjIsInRange: scheduling.oomScoreAdjIsInRange,
    },
  },
  {
    isThere: ({ process }) => process?.scheduler,
    checks: {
      schedulerFitsPolicy: scheduling.schedulerFitsPolicy,
      policyExists: scheduling.policyExists,
      realTimeHasAPriority: scheduling.realTimeHasAPriority,
      deadlineIsPossible: scheduling.deadlineIsPossible,
    },
  },
  { isThere: ({ process }) => process?.ioPriority, checks: { ioPriorityIsInRange: scheduling.ioPriorityIsInRange } },
  { isThere: ({ process }) => process?.execCPUAffinity, checks: { execAffinityIsAList: process.execAffinityIsAList } },
  { isThere: ({ linux }) => linux?.personality, checks: { personalityHasADomain: scheduling.personalityHasADomain } },
  {
    isThere: ({ linux }) => linux?.memoryPolicy,
    checks: {
      memoryPolicyHasItsNodes: scheduling.memoryPolicyHasItsNodes,
      memoryPolicyFlagsFit: scheduling.memoryPolicyFlagsFit,
    },
  },
  {
    isThere: always,
    checks: {
      namespacesAreUnique: namespaces.namespacesAreUnique,
      namespacePathsAreAbsolute: namespaces.namespacePathsAreAbsolute,
      namesNeedUtsNamespace: namespaces.namesNeedUtsNamespace,
      namesFitTheKernel: namespaces.namesFitTheKernel,
      mountsNeedMountNamespace: namespaces.mountsNeedMountNamespace,
    },
  },
  {
    isThere: ({ linux }) => linux?.timeOffsets,
    checks: { timeOffsetsNeedNewTimeNamespace: namespaces.timeOffsetsNeedNewTimeNamespace },
  },
  {
    isThere: hasIds,
    checks: { mappingsAreOfUserNamespace, mappingsAreRanges, userIsMapped, mountOwnersAreMapped },
  },
  { isThere: ({ linux }) => linux?.sysctl, checks: { sysctlsAreNamespaced } },
  { isThere: ({ hooks }) => hooks, checks: { hookPathsAreAbsolute } },
  {
    isThere: always,
    checks: {
      hiddenPathsNeedMountNamespace: filesystem.hiddenPathsNeedMountNamespace,
      hiddenPathsAreAbsolute: filesystem.hiddenPathsAreAbsolute,
      rootIsNotMasked: filesystem.rootIsNotMasked,
      procIsProcfs: filesystem.procIsProcfs,
      mountsAreSound,
    },
  },
  {
    isThere: ({ linux }) => linux?.devices,
    checks: { devicesNeedMountNamespace, devicesAreWhole, devicesDoNotCollide },
  },
  { isThere: ({ annotations }) => annotations, checks: { annotationsAreNamed } },
  { isThere: ({ linux }) => linux?.cgroupsPath, checks: { cgroupsPathIsSound } },
  { isThere: ({ linux }) => linux?.resources, checks: { deviceRulesAreSound: resources.deviceRulesAreSound } },
  {
    isThere: resources.limitsAreThere,
    checks: {
      memoryLimitsAreLimits: resources.memoryLimitsAreLimits,
      swapHoldsMemory: resources.swapHoldsMemory,
      swappinessIsAPercentage: resources.swappinessIsAPercentage,
      cpuTimesFitTheKernel: resources.cpuTimesFitTheKernel,
      burstFitsQuota: resources.burstFitsQuota,
      cpuIdleIsASwitch: resources.cpuIdleIsASwitch,
      realTimeFitsPeriod: resources.realTimeFitsPeriod,
      cpuListsAreLists: resources.cpuListsAreLists,
      blockIoWeightsAreInRange: blockIo.blockIoWeightsAreInRange,
      weightDevicesHaveAWeight: blockIo.weightDevicesHaveAWeight,
      throttlesHaveARate: blockIo.throttlesHaveARate,
      blockDevicesHaveNumbers: blockIo.blockDevicesHaveNumbers,
      hugepageSizesAreSizes: resources.hugepageSizesAreSizes,
      rdmaLimitsSomething: resources.rdmaLimitsSomething,
      unifiedNamesFiles: resources.unifiedNamesFiles,
    },
  },
  {
    isThere: ({ linux }) => linux?.netDevices,
    checks: {
      netDevicesNeedNetworkNamespace: network.netDevicesNeedNetworkNamespace,
      netDevicesHaveNames: network.netDevicesHaveNames,
      netDevicesDoNotCollide: network.netDevicesDoNotCollide,
    },
  },
  { isThere: ({ linux }) => linux?.intelRdt, checks: { closIsADirectory, schemataAreLines } },
  {
    isThere: ({ linux }) => linux?.seccomp,
    checks: {
      errnoIsOfTheAction: seccomp.errnoIsOfTheAction,
      argumentsExist: seccomp.argumentsExist,
      notifyCannotBlockTheRuntime: seccomp.notifyCannotBlockTheRuntime,
      notifyHasAListener: seccomp.notifyHasAListener,
      metadataHasAListener: seccomp.metadataHasAListener,
    },
  },
  { isThere: always, checks: { fieldsAreSupported } },
  { isThere: (_, { pivot }) => !pivot, checks: { privateRootIsPivoted } },
  { isThere: (_, { mayHaveNul }) => mayHaveNul, checks: { stringsHaveNoNul, stringsAreUnicode } },
];

/** What does not keep a container from being made. */
export const warn: readonly Group<Warning>[] = [
  {
    isThere: always,
    checks: {
      versionIsOurs,
      capabilitiesAreKnown: process.capabilitiesAreKnown,
      umaskHasPermissionsAlone: process.umaskHasPermissionsAlone,
      destinationsAreAbsolute: filesystem.destinationsAreAbsolute,
    },
  },
  { isThere: isForAnother, checks: { otherPlatformsAreIgnored } },
  {
    isThere: ({ linux }) => linux?.personality,
    checks: { personalityFlagsAreIgnored: scheduling.personalityFlagsAreIgnored },
  },
  { isThere: ({ hooks }) => hooks, checks: { hookVariablesAreNamed } },
  { isThere: resources.limitsAreThere, checks: { version1LimitsDoNothing: resources.version1LimitsDoNothing } },
  {
    isThere: ({ linux }) => linux?.resources?.network,
    checks: { networkMarksDoNothing: network.networkMarksDoNothing },
  },
  {
    isThere: ({ linux }) => linux?.seccomp,
    checks: {
      waitKillableNeedsNotify: seccomp.waitKillableNeedsNotify,
      listenerNeedsNotify: seccomp.listenerNeedsNotify,
      secondValueNeedsAMask: seccomp.secondValueNeedsAMask,
    },
  },
];
