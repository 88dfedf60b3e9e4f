/** @file Files and folders that a person drags onto the window. */
import type { Page } from 'playwright';

/** Drags real files, as a file manager does. Chromium has them in the page as `File`s of real paths. */
export async function dragger(page: Page, files: readonly string[]) {
  const cdp = await page.context().newCDPSession(page);
  const data = { items: [], files: [...files], dragOperationsMask: 1 | 2 | 4 };
  const at = (type: 'dragEnter' | 'dragOver' | 'drop') =>
    cdp.send('Input.dispatchDragEvent', { type, x: 240, y: 300, data });
  return {
    async hover() {
      await at('dragEnter');
      await at('dragOver');
    },
    drop: () => at('drop'),
    /** As told to a page when a drag leaves its window or is given up; CDP has no words for it. */
    leave: () => page.dispatchEvent('body', 'dragleave'),
  };
}

export async function dropOn(page: Page, files: readonly string[]): Promise<void> {
  const drag = await dragger(page, files);
  await drag.hover();
  await drag.drop();
}
