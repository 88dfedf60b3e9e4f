/** @file The icon beside the clock. */
import { Menu, Tray, type MenuItemConstructorOptions } from 'electron';

export type TrayIcon = ReturnType<typeof showTray>;

/** @param onOpen A click on the icon, where that is not the way to its menu. */
export function showTray(image: string, onOpen: () => void) {
  const tray = new Tray(image);
  tray.on('click', onOpen);
  return {
    /** @param sentence Whether the lid may be closed, and why. */
    update(sentence: string, items: MenuItemConstructorOptions[]): void {
      tray.setToolTip(`Pan-Sea Sync: ${sentence}`);
      tray.setContextMenu(Menu.buildFromTemplate(items));
    },
  };
}
