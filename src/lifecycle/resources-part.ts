/** The part that knows what a container may use: asked where the document says something of that, besides devices. */
export { enableControllers } from '../cgroup/controllers.ts';
export { writeControls } from '../cgroup/controls.ts';
export { giveCgroup } from '../cgroup/owner.ts';
export { cgroupId, isTaken, killOpened, occupied, removeBusy, waitUntilEmpty, withCgroup } from '../cgroup/removal.ts';
export { admitProcesses, killThreaded, signalProcesses } from '../cgroup/threaded.ts';
export { processesOf, removeTree } from '../cgroup/tree.ts';
export { isDelegated } from '../plan/cgroup/delegation.ts';
export { resourceControls } from '../plan/cgroup/index.ts';
export { isDeserted } from './deserted.ts';
