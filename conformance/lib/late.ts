import { probing, type Edit } from './config.ts';
import type { Report } from './report.ts';
import type { Sandbox } from './sandbox.ts';
import { until } from './wait.ts';

/** What a container reports after the host has mounted a tmpfs on `place` (in the sandbox) while it was running. */
export const afterMount = (box: Sandbox, place: string, ...edits: Edit[]): Report => {
  const bundle = box.bundle(probing('upon', '10', 'report'), ...edits);
  const call = box.calls + 1;
  box.startReady(box.id(), bundle);
  box.mount(place, '-t', 'tmpfs', 'late');
  box.must(['kill', box.id(), 'USR1']);
  const finished = () => box.output(call).endsWith('}\n') && box.output(call).replace('ready', '');
  return JSON.parse(until(finished) ?? '{"mounts":[]}') as Report;
};
