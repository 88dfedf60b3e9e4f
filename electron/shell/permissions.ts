/** @file The page needs nothing of what a browser may grant, nor the network: all of it is refused. */
import type { Session } from 'electron';

export function refusePermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer(null));
  session.on('will-download', (event) => event.preventDefault());
  // The page's policy refuses these already; here for what no page asks for, spelling dictionaries say.
  session.webRequest.onBeforeRequest(
    { urls: ['http://*/*', 'https://*/*', 'ws://*/*', 'wss://*/*', 'ftp://*/*', 'file://*/*'] },
    (_request, decide) => decide({ cancel: true }),
  );
  session.setSpellCheckerEnabled(false);
}
