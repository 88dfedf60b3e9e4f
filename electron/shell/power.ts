/** @file Sleep, shutdown and power supply of the computer, passed on. */
import type { PowerMonitor } from 'electron';

type Ports = Readonly<{
  /** The computer has slept: clocks, folders and network may all be others. */
  woke: () => void;
  /** It is about to sleep. */
  slept: () => void;
  /** The computer is shut down: nobody can be asked. Windows says so to windows alone. */
  end: () => void;
  /** From mains to battery, or back. */
  switched: () => void;
  /** As createBattery() has it. */
  isOnBattery: () => boolean | undefined;
  platform: NodeJS.Platform;
}>;

/** So late at the most a laptop on Linux that is unplugged is let sleep: nothing there says that it was. */
const LOOK_MS = 60_000;

export function followPower(
  power: Pick<PowerMonitor, 'on'>,
  { woke, slept, end, switched, isOnBattery, platform }: Ports,
): void {
  power.on('suspend', slept);
  power.on('resume', woke);
  power.on('shutdown', end);
  power.on('on-ac', switched);
  power.on('on-battery', switched);
  if (platform !== 'linux') return;
  let was = isOnBattery();
  setInterval(() => {
    const is = isOnBattery();
    if (is !== was) switched();
    was = is;
  }, LOOK_MS).unref();
}
