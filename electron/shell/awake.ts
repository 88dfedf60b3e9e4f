/** @file Keeps the computer from falling asleep by itself while recordings are on their way. A lid that is closed still ends that. */
import type { PowerSaveBlocker } from 'electron';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { StatusView } from '#shared/api.ts';

/** From one recording to the next, and through an outage that is over soon, it is not let go. */
const LINGER_MS = 60_000;

type Ports = Readonly<{
  blocker: Pick<PowerSaveBlocker, 'start' | 'stop'>;
  isOnBattery: () => boolean | undefined;
  /** There while a person wants the computer to fall asleep as it always does. */
  offFile: string;
}>;

/**
 * On mains only: an empty battery ends more than an upload. The screen may go dark as it always does. However old
 * the recordings are: an archive of years goes out overnight.
 */
export function createAwake({ blocker, isOnBattery, offFile }: Ports) {
  let isOn = !existsSync(offFile);
  let id: number | undefined;
  let lingering: NodeJS.Timeout | undefined;

  function letGo(): void {
    clearTimeout(lingering);
    lingering = undefined;
    if (id !== undefined) blocker.stop(id);
    id = undefined;
  }

  return {
    isOn: (): boolean => isOn,
    /** @throws What the system says where that cannot be noted: then it is so until the app ends. */
    set(isWanted: boolean): void {
      isOn = isWanted;
      if (isOn) return rmSync(offFile, { force: true });
      mkdirSync(dirname(offFile), { recursive: true });
      writeFileSync(offFile, '');
    },
    /** @returns Whether there is a reason to keep it awake now. */
    follow({ counts }: Pick<StatusView, 'counts'>): boolean {
      const isMoving = (counts['uploading'] ?? 0) + (counts['verifying'] ?? 0) > 0;
      if (!isOn || isOnBattery() === true) letGo();
      else if (isMoving) {
        clearTimeout(lingering);
        lingering = undefined;
        id ??= blocker.start('prevent-app-suspension');
        return true;
      } else if (id !== undefined) lingering ??= setTimeout(letGo, LINGER_MS);
      return false;
    },
  };
}
