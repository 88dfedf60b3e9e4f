/** @file The one page that the window shows, and the pages inside it. */

export const APP_SCHEME = 'app';
export const APP_HOST = 'pansea';
export const PAGE_URL = `${APP_SCHEME}://${APP_HOST}/index.html`;

/** The views of `renderer/hooks/useView.ts`, which stand behind the `#` of the address. */
export const views = [
  { hash: 'queue', label: 'Queue' },
  { hash: 'library', label: 'Library' },
  { hash: 'links', label: 'Links' },
  { hash: 'settings', label: 'Settings' },
  { hash: 'history', label: 'History' },
  { hash: 'archive', label: 'Archive' },
] as const;

/** Whether an address is the page itself, with whatever stands behind its `#`. */
export function isOurPage(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, host, pathname, username, password, port } = new URL(address);
  const isHost = host === APP_HOST && `${username}${password}${port}` === '';
  return protocol === `${APP_SCHEME}:` && isHost && pathname === '/index.html';
}
