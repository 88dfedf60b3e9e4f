/** @file Whether the computer runs on battery. */
import type { PowerMonitor } from 'electron';
import { kernelBattery } from '../engine/battery.ts';

type Ports = Readonly<{
  power: Pick<PowerMonitor, 'isOnBatteryPower'>;
  platform: NodeJS.Platform;
  /** As of `kernelBattery`. */
  supplies?: string;
  monotonicMs: () => number;
}>;

/**
 * On Linux Electron answers no, always (electron/electron#29614): there the kernel is asked.
 *
 * @returns Answers `undefined` where nobody can say.
 */
export function createBattery({ power, ...ports }: Ports): () => boolean | undefined {
  return ports.platform === 'linux' ? kernelBattery(ports) : () => power.isOnBatteryPower();
}
