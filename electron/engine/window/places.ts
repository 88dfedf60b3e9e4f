/** @file Which folders a window may name where a person shows them to the host itself: no path comes from its page. */
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '#shared/errors.ts';

export type Places = ReturnType<typeof createPlaces>;

/** @param isBound Without dialogs of its own a host has to believe what is typed: `docs/adr/0008`. */
export function createPlaces(isBound: boolean, followed: () => readonly { path: string }[]) {
  const shown = new Set<string>();
  return {
    /** A person chose this folder or file in a dialog, or dropped it, or a file of that folder. */
    show: (path: string): void => void shown.add(path),
    /**
     * For single files: these alone, and none that was typed.
     *
     * @throws AppError `usage`
     */
    assertGiven(path: string): void {
      if (!shown.has(path))
        throw new AppError('usage', 'Choose the file with the button, or drop it on the window');
    },
    /** @throws AppError `usage` */
    async assertShown(path: string): Promise<void> {
      if (!isBound || shown.has(path) || followed().some((folder) => folder.path === path)) return;
      for (const dropped of shown) if (dirname(dropped) === path && (await isFile(dropped))) return;
      throw new AppError('usage', 'Choose it with its button, or drop it on the window');
    },
  };
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
