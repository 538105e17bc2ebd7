/**
 * Every property of runtime-spec that Linux could look at is in one list: here, or in `refusedFields` of
 * not-supported.ts. A parent in a list stands for all below it; `[]` and `{}` stand for any item or name.
 * fields.test.ts walks the schema and finds what is missing.
 */

/** Fields that do what the specification says. */
export const supportedFields = `
  /ociVersion /hostname /domainname /annotations
  /root/path /root/readonly
  /process/user/uid /process/user/gid /process/user/umask /process/user/additionalGids /process/args /process/env
  /process/cwd /process/capabilities /process/rlimits /process/noNewPrivileges /process/oomScoreAdj /process/scheduler
  /process/ioPriority
  /mounts/[]/destination /mounts/[]/source /mounts/[]/type /mounts/[]/options
  /mounts/[]/uidMappings /mounts/[]/gidMappings
  /hooks/prestart /hooks/createRuntime /hooks/createContainer /hooks/startContainer /hooks/poststart /hooks/poststop
  /linux/namespaces /linux/uidMappings /linux/gidMappings /linux/timeOffsets /linux/sysctl /linux/personality
  /linux/memoryPolicy /linux/seccomp /linux/cgroupsPath /linux/maskedPaths /linux/readonlyPaths /linux/devices
  /linux/rootfsPropagation /linux/resources/hugepageLimits /linux/resources/pids /linux/resources/rdma
  /linux/resources/unified /linux/resources/memory/limit /linux/resources/memory/reservation
  /linux/resources/memory/swap /linux/resources/memory/checkBeforeUpdate /linux/resources/cpu/shares
  /linux/resources/cpu/quota /linux/resources/cpu/burst /linux/resources/cpu/period /linux/resources/cpu/cpus
  /linux/resources/cpu/mems /linux/resources/cpu/idle /linux/resources/blockIO/weight
  /linux/resources/blockIO/weightDevice /linux/resources/blockIO/throttleReadBpsDevice
  /linux/resources/blockIO/throttleWriteBpsDevice /linux/resources/blockIO/throttleReadIOPSDevice
  /linux/resources/blockIO/throttleWriteIOPSDevice
`;

/** Fields that mean nothing here: for editors, other platforms, `exec` alone, or only together with a refused one. */
export const ignoredFields = `
  /$schema /solaris /windows /vm /zos /freebsd /process/execCPUAffinity
  /process/consoleSize
`;

/** Fields that are refused by rules of their own, and fields that only warn. */
export const speciallyTreatedFields = `
  /linux/resources/devices /linux/resources/network /linux/resources/memory/kernel /linux/resources/memory/kernelTCP
  /linux/resources/memory/swappiness /linux/resources/memory/disableOOMKiller /linux/resources/memory/useHierarchy
  /linux/resources/cpu/realtimeRuntime /linux/resources/cpu/realtimePeriod /linux/resources/blockIO/leafWeight
  /process/commandLine /process/user/username
`;
