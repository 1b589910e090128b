import type { PulseHealth, SourceHealth } from './domain/delivery-health.ts';
import { plusMinutes, plusSeconds } from './domain/instant.ts';
import {
  type ClockSkew,
  type Heard,
  isAlive,
  lastHeard,
  outageBefore,
  PULSE_MINUTES,
  type Pulse,
  type Source,
  skewOf,
  sourceKey,
  throttlingOf,
} from './domain/pulse.ts';
import type { Clock } from './ports/clock.ts';
import type { PulseState, Pulses, StoredOutage } from './ports/pulses.ts';

interface Needs {
  readonly clock: Clock;
  /** Unique to this process. */
  readonly instance: string;
  readonly pulses: Pulses;
}

const KEPT_MINUTES = 1_440;
const OUTAGE_KEPT_MINUTES = 7 * KEPT_MINUTES;
/** Rows that one transaction takes away. */
const FOLDED_AT_ONCE = 40;

export type PulseOfProcess = ReturnType<typeof createPulse>;

/** What this process hears and meets, noted every five minutes: others show it, and a gap in the notes is an outage. */
export function createPulse(needs: Needs) {
  const memory = createMemory(needs);
  let nextAt = '';
  let outages: readonly StoredOutage[] = [];

  async function beat(): Promise<void> {
    const now = needs.clock.now();
    if (now < nextAt) return;
    const state = await needs.pulses.read();
    outages = state.outages;
    const instead = state.pulses
      .filter(({ pulse }) => pulse.instance !== needs.instance && pulse.at < plusMinutes(now, -KEPT_MINUTES))
      .slice(0, FOLDED_AT_ONCE);
    memory.hear(instead.flatMap(({ pulse }) => pulse.heard));
    const found = outageBefore(
      now,
      state.pulses.map(({ pulse }) => pulse),
    );
    const forgotten = outages.filter(({ outage }) => outage.until < plusMinutes(now, -OUTAGE_KEPT_MINUTES));
    const written = await needs.pulses.write({
      pulse: memory.pulse(now),
      instead,
      forgotten: forgotten.slice(0, FOLDED_AT_ONCE),
      ...(found === undefined ? {} : { found: { ...found, told: [], isDone: false } }),
    });
    // What another process was first with is looked at again in the next pass.
    if (written) nextAt = plusMinutes(now, PULSE_MINUTES);
    if (written && found !== undefined) outages = (await needs.pulses.read()).outages;
  }

  return {
    heard: memory.heard,
    dated: memory.dated,
    throttled: memory.throttled,
    /** No call for five minutes after one that was written. Rejects with StoreUnavailableError. */
    beat,
    /** Those that somebody is still to be told of, as this process last read them. */
    untold: (): readonly StoredOutage[] => outages.filter(({ outage }) => !outage.isDone),
    /** Of this process to the moment, of others as they noted it. Rejects with StoreUnavailableError. */
    health: async (): Promise<PulseHealth> => {
      const state = await needs.pulses.read();
      return healthOf(memory.pulse(needs.clock.now()), state);
    },
    /** The same of this process alone. */
    own: (): PulseHealth => healthOf(memory.pulse(needs.clock.now()), { pulses: [], outages: [] }),
  };
}

function createMemory({ clock, instance }: Needs) {
  let heard = new Map<string, Heard>();
  const clocks = new Map<string, ClockSkew>();
  let waits: readonly { readonly at: string; readonly until: string }[] = [];
  const hear = (all: readonly Heard[]): Heard[] => {
    const kept = lastHeard([...heard.values(), ...all]);
    heard = new Map(kept.map((one) => [sourceKey(one), one]));
    return kept;
  };
  return {
    hear,
    heard: (source: Source): void => void heard.set(sourceKey(source), { ...source, at: clock.now() }),
    /** An answer of theirs bore this date (as HTTP writes it). */
    dated: (by: string, date: string): void => {
      const at = clock.now();
      const seconds = skewOf(at, date);
      if (seconds !== undefined) clocks.set(by, { with: by, seconds, at });
    },
    /** Teams has asked to be left alone for so long. */
    throttled: (seconds: number): void => {
      const at = clock.now();
      waits = [...waits.filter((one) => one.at > plusMinutes(at, -60)), { at, until: plusSeconds(at, seconds) }];
    },
    pulse: (at: string): Pulse => {
      const throttled = throttlingOf(waits, at);
      return {
        instance,
        at,
        heard: hear([]),
        clocks: [...clocks.values()],
        ...(throttled === undefined ? {} : { throttled }),
      };
    },
  };
}

function healthOf(own: Pulse, { pulses, outages }: PulseState): PulseHealth {
  const others = pulses.map(({ pulse }) => pulse).filter(({ instance }) => instance !== own.instance);
  const alive = others.filter((pulse) => isAlive(pulse, own.at));
  const noted: SourceHealth[] = pulses.flatMap(({ pulse }) => pulse.heard.map((one) => ({ ...one, by: 'noted' })));
  const now: SourceHealth[] = own.heard.map((one) => ({ ...one, by: 'this-process' }));
  const throttled = [own, ...alive].flatMap((pulse) => pulse.throttled ?? []);
  const until = throttled
    .map((one) => one.until)
    .sort()
    .at(-1);
  const last = outages.at(-1)?.outage;
  return {
    sources: lastHeard([...now, ...noted]),
    clocks: [own, ...alive].flatMap(({ clocks }) => clocks),
    processes: pulses.filter(({ pulse }) => isAlive(pulse, own.at)).length,
    ...(until === undefined
      ? {}
      : { throttled: { count: throttled.reduce((sum, { count }) => sum + count, 0), until } }),
    ...(last === undefined ? {} : { lastOutage: { from: last.from, until: last.until } }),
  };
}
