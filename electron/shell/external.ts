/** @file The only way from the window to a web browser. */

const hosts = new Set(['docs.aws.amazon.com']);

/** The address as the browser may have it; `undefined` for any that is not on the list. */
export function safeAddress(address: string): string | undefined {
  // Control characters and spaces: the parser drops them, so what it says is not what was given.
  if (!/^https:\/\/[\x21-\x7e]+$/i.test(address) || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  const isPlain = url.protocol === 'https:' && `${url.username}${url.password}${url.port}` === '';
  return isPlain && hosts.has(url.hostname) ? url.href : undefined;
}

/** Opens an address of the list in the person's browser, and does nothing with any other. */
export async function openInBrowser(
  shell: { openExternal: (url: string) => Promise<void> },
  address: string,
): Promise<void> {
  const safe = safeAddress(address);
  if (safe !== undefined) await shell.openExternal(safe);
}
