/** @file Whether the computer runs on battery. */
import type { PowerMonitor } from 'electron';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type Ports = Readonly<{
  power: Pick<PowerMonitor, 'isOnBatteryPower'>;
  platform: NodeJS.Platform;
  /** Where Linux lists its supplies. */
  supplies?: string;
  monotonicMs: () => number;
}>;

/** So long an answer of the kernel counts: some firmware takes its time for each. */
const KNOWN_MS = 1_000;

/**
 * On Linux Electron answers no, always (electron/electron#29614): there the kernel is asked.
 *
 * @returns Answers `undefined` where nobody can say.
 */
export function createBattery({
  power,
  platform,
  supplies = '/sys/class/power_supply',
  monotonicMs,
}: Ports): () => boolean | undefined {
  if (platform !== 'linux') return () => power.isOnBatteryPower();
  let lookedMs = -Infinity;
  let known: boolean | undefined;
  return () => {
    if (monotonicMs() - lookedMs >= KNOWN_MS) {
      lookedMs = monotonicMs();
      known = isDraining(supplies);
    }
    return known;
  };
}

/** By the kernel's documentation of `sysfs-class-power`. A mouse has a battery, too: its scope is `Device`. */
function isDraining(supplies: string): boolean | undefined {
  let names: readonly string[];
  try {
    names = readdirSync(supplies);
  } catch {
    return undefined;
  }
  const all = names.map((name) => {
    const [type, online, scope, status] = ['type', 'online', 'scope', 'status'].map((what) =>
      wordIn(join(supplies, name, what)),
    );
    return { type, online, scope, status };
  });
  const isPlugged = all.some(
    ({ type, online }) => type !== 'Battery' && online !== undefined && online !== '0',
  );
  return (
    !isPlugged &&
    all.some(
      ({ type, scope, status }) =>
        type === 'Battery' && scope !== 'Device' && status === 'Discharging',
    )
  );
}

/** `undefined` for what this supply does not tell, or is gone meanwhile. */
function wordIn(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}
