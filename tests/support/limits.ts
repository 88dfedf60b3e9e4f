/**
 * How long stopping may take in a test, ms. The promise is five seconds on a free machine; tests share two
 * cores, and what really hangs (a request's time limit, a retry) takes thirty and more.
 */
export const STOP_LIMIT_MS = 15_000;
