import type { Control } from '../plan/cgroup/index.ts';
import type { Spec } from '../spec/types.ts';
import type { Finding } from '../validate/finding.ts';
import type { Verdict } from '../validate/index.ts';
import * as cgroups from './checks/cgroups.ts';
import * as files from './checks/files.ts';
import * as kernel from './checks/kernel.ts';
import * as namespaces from './checks/namespaces.ts';
import * as privileges from './checks/privileges.ts';
import type { HostCheck } from './finding.ts';
import { type Machine, thisMachine } from './machine.ts';

/** What is looked for, in the order in which it is told. */
export const hostChecks: Readonly<Record<string, HostCheck>> = {
  kernelIsNewEnough: kernel.kernelIsNewEnough,
  valuesAreOfThisKernel: kernel.valuesAreOfThisKernel,
  initCanBeExecuted: kernel.initCanBeExecuted,
  clocksStayPositive: kernel.clocksStayPositive,
  nodesExist: kernel.nodesExist,
  seccompIsThere: kernel.seccompIsThere,
  appArmorIsThere: kernel.appArmorIsThere,
  seLinuxIsThere: kernel.seLinuxIsThere,
  sysctlsExist: kernel.sysctlsExist,
  kindsOfNamespacesExist: namespaces.kindsOfNamespacesExist,
  namespacesAreAllowed: namespaces.namespacesAreAllowed,
  userNamespacesAreForUs: namespaces.userNamespacesAreForUs,
  namespacePathsLeadThere: namespaces.namespacePathsLeadThere,
  hostIdsAreOurs: namespaces.hostIdsAreOurs,
  weMayMakeContainers: privileges.weMayMakeContainers,
  limitsCanBeRaised: privileges.limitsCanBeRaised,
  oomScoreCanBeLowered: privileges.oomScoreCanBeLowered,
  capabilitiesAreOurs: privileges.capabilitiesAreOurs,
  prioritiesAreOurs: privileges.prioritiesAreOurs,
  cgroup2IsMounted: cgroups.cgroup2IsMounted,
  controllersAreThere: cgroups.controllersAreThere,
  controllersAreDelegated: cgroups.controllersAreDelegated,
  hugepageSizesExist: cgroups.hugepageSizesExist,
  blockDevicesAreThere: cgroups.blockDevicesAreThere,
  weightedDevicesHaveBfq: cgroups.weightedDevicesHaveBfq,
  resctrlIsMounted: cgroups.resctrlIsMounted,
  networkDevicesCanBeMoved: cgroups.networkDevicesCanBeMoved,
  networkDevicesExist: cgroups.networkDevicesExist,
  rootfsIsThere: files.rootfsIsThere,
  bindSourcesAreThere: files.bindSourcesAreThere,
  filesystemsAreKnown: files.filesystemsAreKnown,
  idmapsAreOfThisKernel: files.idmapsAreOfThisKernel,
  hooksAreThere: files.hooksAreThere,
  devicesAreThere: files.devicesAreThere,
};

/** What a document asks for that a machine cannot do. */
export const findingsOn = (
  machine: Machine,
  spec: Spec,
  bundle: string,
  controls: readonly Control[] = [],
): Finding[] =>
  Object.entries(hostChecks).flatMap(([rule, check]) =>
    check({ spec, bundle, machine, controls }).map((finding) => ({
      ...finding,
      details: { ...finding.details, rule },
    })),
  );

/**
 * What a document asks for that this machine cannot do, as errors and warnings: a part of its own, for `validate --host`. It looks and changes
 * nothing, needs no root, and tells what is certain: what only trying would show is not guessed.
 * @param bundle absolute
 * @param controls what the plan makes of its resources
 */
export function hostFindings(spec: Spec, bundle: string, controls: readonly Control[]): Verdict {
  const found = findingsOn(thisMachine(), spec, bundle, controls);
  return {
    errors: found.filter(({ severity }) => severity === 'error'),
    warnings: found.filter(({ severity }) => severity === 'warning'),
  };
}
