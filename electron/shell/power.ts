/** @file Sleep and shutdown of the computer, passed on to the engine. */
import type { PowerMonitor } from 'electron';

type Ports = Readonly<{
  /** The computer has slept: clocks, folders and network may all be others. */
  woke: () => void;
  /** It is about to sleep. */
  slept: () => void;
  /** The computer is shut down: nobody can be asked. */
  end: () => void;
}>;

export function followPower(power: Pick<PowerMonitor, 'on'>, { woke, slept, end }: Ports): void {
  power.on('suspend', slept);
  power.on('resume', woke);
  power.on('shutdown', end);
}
