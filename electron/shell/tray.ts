/** @file The icon beside the clock. */
import { Menu, Tray, type MenuItemConstructorOptions } from 'electron';
import type { Standing } from './standing.ts';

export type TrayIcon = ReturnType<typeof showTray>;

/**
 * @param imageOf The file of its picture.
 * @param onOpen A click on the icon, where that is not the way to its menu.
 */
export function showTray(imageOf: (standing: Standing) => string, onOpen: () => void) {
  const tray = new Tray(imageOf('unknown'));
  let shown: Standing = 'unknown';
  tray.on('click', onOpen);
  return {
    /** @param sentence Whether the lid may be closed, and why. */
    update(standing: Standing, sentence: string, items: MenuItemConstructorOptions[]): void {
      if (standing !== shown) tray.setImage(imageOf(standing));
      shown = standing;
      tray.setToolTip(`Pan-Sea Sync: ${sentence}`);
      tray.setContextMenu(Menu.buildFromTemplate(items));
    },
  };
}
