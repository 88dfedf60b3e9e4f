/** @file Sleep, shutdown and power supply of the computer, passed on. */
import type { PowerMonitor } from 'electron';

type Ports = Readonly<{
  /** The computer has slept: clocks, folders and network may all be others. */
  woke: () => void;
  /** It is about to sleep. */
  slept: () => void;
  /** The computer is shut down: nobody can be asked. */
  end: () => void;
  /** From mains to battery, or back. Linux does not say so. */
  switched: () => void;
}>;

export function followPower(
  power: Pick<PowerMonitor, 'on'>,
  { woke, slept, end, switched }: Ports,
): void {
  power.on('suspend', slept);
  power.on('resume', woke);
  power.on('shutdown', end);
  power.on('on-ac', switched);
  power.on('on-battery', switched);
}
