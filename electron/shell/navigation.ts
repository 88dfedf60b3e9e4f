/** @file Whatever shows pages in this app stays on ours: no other page, no new window, no frame in a page. */
import type { App, WebContents } from 'electron';
import { isOurPage } from './pages.ts';

type Guarded = Pick<WebContents, 'on' | 'setWindowOpenHandler'>;

/** @param openLink Is given each address that the page wanted to open in a window of its own. */
export function guardNavigation(app: Pick<App, 'on'>, openLink: (address: string) => void): void {
  app.on('web-contents-created', (_event, contents) => guard(contents, openLink));
}

function guard(contents: Guarded, openLink: (address: string) => void): void {
  contents.on('will-navigate', stay);
  contents.on('will-frame-navigate', stay);
  contents.on('will-redirect', stay);
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openLink(url);
    return { action: 'deny' };
  });
}

function stay(
  event: Readonly<{ preventDefault: () => void; url: string; isMainFrame: boolean }>,
): void {
  if (!event.isMainFrame || !isOurPage(event.url)) event.preventDefault();
}
