/** @file Whether a computer with Linux runs on battery, as its kernel tells: the same for every host. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type Ports = Readonly<{
  monotonicMs: () => number;
  platform?: NodeJS.Platform;
  /** Where the kernel lists its supplies. */
  supplies?: string;
}>;

/** So long an answer of the kernel counts: some firmware takes its time for each. */
const KNOWN_MS = 1_000;

/** @returns Answers `undefined` where nobody can say, as on other systems. */
export function kernelBattery({
  monotonicMs,
  platform = process.platform,
  supplies = '/sys/class/power_supply',
}: Ports): () => boolean | undefined {
  if (platform !== 'linux') return () => undefined;
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
