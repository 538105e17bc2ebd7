import { stateView } from '../state/view.ts';
import { load } from '../state/store.ts';
import { sys } from '../sys/index.ts';
import { containerId, type Context } from './context.ts';

/** `state`: the state document of one container, as runc prints it (no newline at the end). */
export function stateCommand(context: Context): number {
  const view = stateView(load(context.root, containerId(context)));
  sys.write(1, JSON.stringify({ ...view, owner: '' }, null, 2));
  return 0;
}
