import t from 'tap';
import type { Bus, Call, Signal } from '../../dbus/client.ts';
import type { Variant } from '../../dbus/types.ts';
import { OcirunError } from '../../errors/error.ts';
import { findUnit, setUnitProperties, startUnit, stopUnit } from './jobs.ts';
import type { Manager } from './manager.ts';

const unit = 'ocirun-test.scope';
const error = (name: string) => `org.freedesktop.systemd1.${name}`;

/** A systemd that answers each call with the next result of a job, or the name of an error, and remembers the calls. */
function played(answers: readonly string[], peer = true): { manager: Manager; calls: string[]; full: Call[] } {
  const left = [...answers];
  const full: Call[] = [];
  const signals: Signal[] = [];
  let serial = 0;
  const pending = new Map<number, string>();
  const ended = (path: string, result: string): Signal => ({
    sender: ':1.1',
    path: '/org/freedesktop/systemd1',
    interface: 'org.freedesktop.systemd1.Manager',
    member: 'JobRemoved',
    body: [1, path, unit, result],
  });
  const bus: Bus = {
    call: (call) => bus.answer(bus.send(call)),
    send: (call) => {
      full.push(call);
      serial += 1;
      pending.set(serial, call.member === 'Subscribe' ? '' : (left.shift() ?? ''));
      return { serial, doing: call.doing };
    },
    answer: ({ serial, doing }) => {
      const result = pending.get(serial) ?? '';
      if (result.includes('.')) throw new OcirunError('E_DBUS', `${doing}: no`, { busError: result });
      signals.push(ended('/job/of/another', 'failed'), ended(`/job/${serial}`, result));
      return [`/job/${serial}`];
    },
    watch: (match) => ({ match, kept: [] }),
    signal: (_, accept) => signals.find(accept) as Signal,
    flush: () => undefined,
    close: () => undefined,
  };
  const manager = { bus, peer, address: 'unix:path=/x', option: '--user ' };
  return {
    manager,
    full,
    get calls() {
      return full.map(({ member }) => member);
    },
  };
}

const started = { name: unit, description: 'x', invocation: '1f'.repeat(16) };

const properties = [['TasksMax', { signature: 't', value: 5n }]] as const;

t.test('a unit is started with one call', async (t) => {
  const systemd = played(['done']);
  startUnit(systemd.manager, unit, properties)();
  t.match(systemd.full, [
    { member: 'StartTransientUnit', signature: 'ssa(sv)a(sa(sv))', body: [unit, 'replace', properties, []] },
  ]);
  t.equal(systemd.full[0]?.destination, undefined, 'to systemd itself');
});

t.test('a bus sends signals to those who have asked, and calls have an address', async (t) => {
  const systemd = played(['done', 'done'], false);
  startUnit(systemd.manager, unit, properties)();
  stopUnit(systemd.manager, started);
  t.strictSame(systemd.calls, ['Subscribe', 'StartTransientUnit', 'Stop', 'ResetFailed']);
  t.ok(systemd.full.every(({ destination }) => destination === 'org.freedesktop.systemd1'));
});

t.test('a unit that has failed before is forgotten', async (t) => {
  const systemd = played([error('UnitExists'), '', 'done']);
  startUnit(systemd.manager, unit, properties)();
  t.strictSame(systemd.calls, ['StartTransientUnit', 'ResetFailedUnit', 'StartTransientUnit']);
});

t.test('one that is there is in the way', async (t) => {
  const systemd = played([error('UnitExists'), error('NoSuchUnit'), error('UnitExists')]);
  t.throws(startUnit(systemd.manager, unit, properties), {
    code: 'E_CGROUP',
    message: `container's cgroup is not empty: systemd has a unit ${unit} already`,
    details: { busError: error('UnitExists') },
  });
});

t.test('what has become of the job', async (t) => {
  for (const result of ['failed', 'canceled', 'timeout', 'dependency', 'skipped']) {
    const systemd = played([result, '']);
    t.throws(startUnit(systemd.manager, unit, properties), {
      code: 'E_CGROUP',
      message: `error creating systemd unit ${unit}: got ${result}`,
      details: { hint: `systemctl --user status ${unit}, and journalctl --user -u ${unit}, may tell more` },
    });
    t.strictSame(systemd.calls, ['StartTransientUnit', 'ResetFailedUnit']);
  }
});

t.test('other errors come with where to look', async (t) => {
  const hint = /systemctl --user status/;
  const refused = 'org.freedesktop.DBus.Error.PropertyReadOnly';
  for (const answers of [[refused], [error('UnitExists'), '', refused], [error('UnitExists'), refused]])
    t.throws(startUnit(played(answers).manager, unit, properties), { code: 'E_DBUS', details: { hint } });
  t.throws(() => stopUnit(played([refused]).manager, started), { details: { busError: refused, hint } } as never);
  t.throws(() => setUnitProperties(played([refused]).manager, unit, properties), { details: { hint } } as never);
});

t.test('a unit is stopped, and its failure forgotten', async (t) => {
  const gone = played([error('NoUnitForInvocationID')]);
  stopUnit(gone.manager, started);
  t.match(gone.full, [{ member: 'Stop', path: `/org/freedesktop/systemd1/unit/_31f${'1f'.repeat(15)}` }]);
  t.equal(gone.full.length, 1);
  const failed = played(['done', 'org.freedesktop.DBus.Error.UnknownObject']);
  stopUnit(failed.manager, started);
  t.strictSame(failed.calls, ['Stop', 'ResetFailed']);
});

t.test('what tells a unit from others of its name', async (t) => {
  const asked = (id: Uint8Array, description: string) => {
    const systemd = played([]);
    const answers: Variant[] = [
      { signature: 'ay', value: id },
      { signature: 's', value: description },
    ];
    const found = findUnit(
      { ...systemd.manager, bus: { ...systemd.manager.bus, answer: () => [answers.shift() ?? ''] } },
      unit,
    );
    t.match(systemd.full, [{ member: 'Get' }, { member: 'Get' }]);
    t.equal(systemd.full[0]?.path, '/org/freedesktop/systemd1/unit/ocirun_2dtest_2escope');
    return found;
  };
  t.strictSame(asked(Uint8Array.of(0, 171), 'a box'), { name: unit, description: 'a box', invocation: '00ab' });
  t.equal(asked(Uint8Array.of(), unit), undefined, 'one that was never started');
});

t.test('properties are set until the unit ends', async (t) => {
  const systemd = played(['']);
  setUnitProperties(systemd.manager, unit, []);
  setUnitProperties(systemd.manager, unit, properties);
  t.match(systemd.full, [{ member: 'SetUnitProperties', signature: 'sba(sv)', body: [unit, true, properties] }]);
  t.equal(systemd.full.length, 1, 'where there are none, nothing is asked');
});
