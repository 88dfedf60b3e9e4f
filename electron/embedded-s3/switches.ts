/**
 * @file How other storages differ from S3, and how all of them fail. Only tests give these to a server;
 * without them every handler below runs as it is.
 */
import { randomBytes } from 'node:crypto';
import type { Answer, Call, Handler } from './call.ts';
import { S3Error } from './errors.ts';
import type { OperationName } from './operations.ts';
import type { Received } from './body/receive.ts';
import type { Store } from './store/store.ts';

export interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly token: string;
  /** Unix milliseconds. */
  readonly endsAtMs: number;
}

/** May be changed while the server runs. */
export interface Switches {
  /** Refused to this account, as a policy does. */
  denied?: readonly OperationName[];
  /** Answered with 501: this storage never learned them. */
  missing?: readonly OperationName[];
  /** Done, and then the connection ends without an answer. */
  lost?: readonly OperationName[];
  /** More requests than so many at a time are refused as too many. */
  atOnce?: number;
  /** Checksums of the client are neither checked nor kept nor told, or are answered with 501. */
  checksums?: 'ignored' | 'refused';
  /** Conditions on writes are overlooked, or answered with 501. */
  conditions?: 'ignored' | 'refused';
  /** What a client asks for as encryption is overlooked. */
  encryption?: 'ignored';
  /** How long a restore takes, milliseconds. */
  restoreMs?: number;
  /** Where all objects of Intelligent-Tiering have gone, unopened for so long. */
  tieredTo?: 'ARCHIVE_ACCESS' | 'DEEP_ARCHIVE_ACCESS';
  /** Rules of a bucket are taken and forgotten. */
  lifecycle?: 'ignored';
  /** What requests have before the bucket in their paths, and sign. */
  mountedAt?: string;
  /** The bucket is expected before this name in the Host, and refused in the path. */
  hostStyle?: string;
  /** Answers have no number, as those of Garage and of Cloudflare's R2. */
  requestIds?: 'none';
  /** ETags that say nothing about the bytes. */
  etags?: 'random';
  /** Keys beside the account's that count only with their token, and for a time. */
  sessions?: readonly Session[];
  /** Given everything that is stored, once: to damage it, to expire it, to take it away. */
  opened?: (store: Store) => void;
}

/** Thrown where an answer is to be lost. */
export class LostAnswer extends Error {}

/** The handler as a server with these switches has it. */
export function switched(name: OperationName, handler: Handler, switches: Switches): Handler {
  return async (call) => {
    if (switches.denied?.includes(name)) throw new S3Error('AccessDenied');
    if (switches.missing?.includes(name)) throw new S3Error('NotImplemented');
    using _ = place(switches);
    const answer = told(await handler(heard(call, switches)), switches);
    if (switches.lost?.includes(name)) throw new LostAnswer();
    return answer;
  };
}

const running = new WeakMap<Switches, number>();

/** @throws S3Error `SlowDown` when all are taken. */
function place(switches: Switches): Disposable {
  const others = running.get(switches) ?? 0;
  if (others >= (switches.atOnce ?? Infinity)) throw new S3Error('SlowDown');
  running.set(switches, others + 1);
  return {
    [Symbol.dispose]: () => void running.set(switches, (running.get(switches) ?? 1) - 1),
  };
}

/** What came in, with an ETag to be. */
export function withEtag(received: Received, switches: Switches | undefined): Received {
  if (switches?.etags === undefined) return received;
  return { ...received, md5Hex: randomBytes(16).toString('hex') };
}

const isChecksum = (name: string) =>
  /^x-amz-(checksum-|sdk-checksum-algorithm|mp-object-size$)/.test(name);
const isCondition = (name: string) => /^if-(none-)?match$/.test(name);

const isEncryption = (name: string) => name.startsWith('x-amz-server-side-encryption');

function heard(call: Call, { checksums, conditions, encryption }: Switches): Call {
  const { method } = call.request;
  const isWrite = method === 'PUT' || method === 'POST';
  const names = [...call.request.headers.keys()];
  const isRefused = (how: string | undefined, isOne: (name: string) => boolean) =>
    how === 'refused' && isWrite && names.some(isOne);
  if (isRefused(checksums, isChecksum) || isRefused(conditions, isCondition))
    throw new S3Error(
      'NotImplemented',
      'A header you provided implies functionality that is not implemented',
    );
  const headers = [...call.request.headers].filter(
    ([name]) =>
      !(checksums === 'ignored' && isChecksum(name)) &&
      !(encryption === 'ignored' && isEncryption(name)) &&
      !(conditions === 'ignored' && isWrite && isCondition(name)),
  );
  return { ...call, request: { ...call.request, headers: new Map(headers) } };
}

function told(answer: Answer, { checksums }: Switches): Answer {
  if (checksums === undefined) return answer;
  const headers = Object.entries(answer.headers ?? {}).filter(([name]) => !isChecksum(name));
  const { body } = answer;
  return {
    ...answer,
    headers: Object.fromEntries(headers),
    ...(typeof body === 'string'
      ? { body: body.replaceAll(/<(Checksum\w+)>[^<]*<\/\1>/g, '') }
      : {}),
  };
}
