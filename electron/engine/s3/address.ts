/** @file Where a storage's requests go and what of that is signed, put right by the storage's own answers. */
import { isIP } from 'node:net';
import type { Correction } from '#shared/corrections.ts';
import { AppError } from '#shared/errors.ts';
import type { StorageSettings } from './storage-settings.ts';
import { nameIn, regionIn, toStorageError } from './errors.ts';
import type { Known } from './known.ts';

type Now = Readonly<{
  region: string;
  /** Else the bucket is a part of the host's name. */
  isPathStyle: boolean;
  /** Whether signatures cover the path of the endpoint, which a proxy may take away before the storage. */
  isPrefixSigned: boolean;
}>;

export type Address = ReturnType<typeof createAddress>;

/** What Alibaba's and Tencent's storages answer to path-style addresses. */
const wantsHost = new Set(['SecondLevelDomainForbidden', 'PathStyleDomainForbidden']);

/** One for the region, one for the host, one for the path. */
const MAX_CORRECTIONS = 3;

export function createAddress(
  { endpoint, region: asked, bucket }: StorageSettings,
  known: Known,
  onCorrected: (correction: Correction) => void,
) {
  const { pathname, hostname } = new URL(endpoint ?? 'https://s3.amazonaws.com');
  const prefix = pathname.replace(/\/$/, '');
  /** Signing without the prefix is being tried: who knows that it helps. */
  let isTrying = false;

  const now = (): Now => ({
    region: known.get('region') ?? asked,
    isPathStyle: endpoint !== undefined && known.get('pathStyle') !== false,
    isPrefixSigned: prefix === '' || (!isTrying && known.get('signsPrefix') !== false),
  });

  /** @returns Whether the request is worth another try, as it would be sent now. */
  function learn(trouble: AppError, used: Now): boolean {
    const region = regionIn(trouble);
    if (trouble.code === 'wrong-region' && region !== undefined && region !== used.region) {
      if (now().region === region) return true; // Heard by another request already.
      known.set('region', region);
      onCorrected({ kind: 'region', asked, found: region });
      return true;
    }
    if (wantsHost.has(nameIn(trouble)) && used.isPathStyle && isIP(hostname) === 0) {
      known.set('pathStyle', false);
      onCorrected({ kind: 'host', bucket });
      return true;
    }
    if (trouble.code === 'wrong-secret' && prefix !== '' && used.isPrefixSigned)
      return (isTrying = true);
    return false;
  }

  /** The storage has taken, or not taken, a signature without the prefix. */
  function judgeTrial(trouble: unknown): void {
    const isOurs = trouble === undefined || (trouble instanceof AppError && trouble.requestId);
    if (!isOurs) return;
    isTrying = false;
    if (trouble instanceof AppError && trouble.code === 'wrong-secret') return;
    if (known.get('signsPrefix') === false) return;
    known.set('signsPrefix', false);
    onCorrected({ kind: 'path', path: prefix });
  }

  return {
    now,
    prefix,
    /** Sends, and again where the storage has said what was wrong with the address. */
    async corrected<T>(send: () => Promise<T>): Promise<T> {
      let first: unknown;
      for (let corrections = 0; ; corrections += 1) {
        const used = now();
        try {
          const answer = await send();
          if (isTrying && !used.isPrefixSigned) judgeTrial(undefined);
          return answer;
        } catch (error) {
          const trouble = toStorageError(error);
          if (isTrying && !used.isPrefixSigned) judgeTrial(trouble);
          const isLast = corrections === MAX_CORRECTIONS || !(trouble instanceof AppError);
          if (isLast || !learn(trouble, used))
            throw isRefusedTrial(first, trouble) ? misled(first, prefix) : error;
          first ??= trouble;
        }
      }
    },
  };
}

const isRefusedTrial = (first: unknown, last: unknown): first is AppError =>
  first instanceof AppError &&
  first.code === 'wrong-secret' &&
  last instanceof AppError &&
  last.code === 'wrong-secret';

function misled(refusal: AppError, prefix: string): AppError {
  const hint = `The address has a path (${prefix}): what takes it away before the storage must leave all else as it is, the Host above all`;
  const { code, message, requestId, cause } = refusal;
  return new AppError(code, `${message}. ${hint}`, { requestId, cause });
}
