/** Whether a URL's host name is this computer itself, where nobody is on the way. */
export function isLoopback(hostname: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}
