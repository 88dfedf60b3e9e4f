/** @file The page needs nothing of what a browser may grant, nor the network: all of it is refused. */
import type { OnBeforeRequestListenerDetails, Session } from 'electron';
import { PREVIEW_PATH } from '#shared/preview.ts';
import { APP_HOST, APP_SCHEME, isOurPage } from './pages.ts';

const previews = `${APP_SCHEME}://${APP_HOST}${PREVIEW_PATH}`;

/** @param contentsId Of the window whose page may preview recordings. */
export function refusePermissions(session: Session, contentsId: () => number | undefined): void {
  session.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer(null));
  session.on('will-download', (event) => event.preventDefault());
  // The page's policy refuses these already; here for what no page asks for, spelling dictionaries say.
  const network = ['http://*/*', 'https://*/*', 'ws://*/*', 'wss://*/*', 'ftp://*/*', 'file://*/*'];
  // Of both together, since a session has one listener.
  session.webRequest.onBeforeRequest({ urls: [...network, `${previews}*`] }, (request, decide) =>
    decide({ cancel: !isPlayed(request, contentsId()) }),
  );
  session.setSpellCheckerEnabled(false);
}

type Asked = Pick<
  OnBeforeRequestListenerDetails,
  'url' | 'webContentsId' | 'resourceType' | 'frame'
>;

/** A player or a picture in the window's own page: no other window, no frame, and not to be opened as a page. */
function isPlayed(
  { url, webContentsId, resourceType, frame }: Asked,
  contentsId: number | undefined,
): boolean {
  return (
    url.startsWith(previews) &&
    webContentsId !== undefined &&
    webContentsId === contentsId &&
    (resourceType === 'media' || resourceType === 'image') &&
    frame?.parent === null &&
    isOurPage(frame.url)
  );
}
