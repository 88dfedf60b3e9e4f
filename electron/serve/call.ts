/** @file What the routes work with, and what one request is to them. */
import type { IncomingMessage } from 'node:http';
import type { AppHost } from '../engine/window/host.ts';
import type { Log } from '../engine/log.ts';
import type { PageFile } from '../page.ts';
import type { Address } from './address.ts';

/** The window's side: the calls and events of shared/api.ts, what it previews, and the files of the page. */
export type WindowApp = Pick<AppHost, 'serve' | 'onEvent' | 'preview'> &
  Readonly<{ page: (path: string) => Promise<PageFile | undefined> }>;

export type App = Readonly<{
  /** @throws AppError while the connection is not set up. */
  storage: () => ReturnType<AppHost['storage']>;
  window: WindowApp;
  homePath: string;
  clientVersion: string;
  /** Stands in the metadata of class recordings, which the form does not say. */
  userId: string;
  nowMs: () => number;
  maxFileBytes: number;
  log: Log;
}>;

export type Call = Readonly<{
  request: IncomingMessage;
  address: Address;
  /** Lets a client send its body that asked whether it may (`Expect: 100-continue`). */
  wantBody: () => void;
  /** Aborted when the client has gone or the server stops. */
  signal: AbortSignal;
}>;
