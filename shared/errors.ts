import { catalogue, remedyOf, type ErrorCode } from './troubles/catalogue.ts';
import type { Trouble } from './troubles/trouble.ts';

export type { ErrorCode } from './troubles/catalogue.ts';

/** All codes, as zod wants them: at least one. */
export const errorCodes = Object.keys(catalogue) as [ErrorCode, ...ErrorCode[]];

/** An expected failure. Programming mistakes throw plain `Error` and are reported as `unexpected`. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly requestId: string | undefined;

  /** @param detail For the log and the details pane: a path, a setting's name. Never a secret. */
  constructor(
    code: ErrorCode,
    detail?: string,
    options?: { cause?: unknown; requestId?: string | undefined },
  ) {
    super(detail ?? catalogue[code].title, { cause: options?.cause });
    this.code = code;
    this.requestId = options?.requestId;
  }

  /** One of ours as it is. What nobody expected is `unexpected`; but a full disk under the ledger has its own words. */
  static from(error: unknown): AppError {
    if (error instanceof AppError) return error;
    const isFull = error instanceof Error && 'code' in error && error.code === 'SQLITE_FULL';
    return new AppError(isFull ? 'disk-full' : 'unexpected', String(error), { cause: error });
  }

  /** For the folded part of a card, and for support: what exactly, and the storage's number for the request. */
  get details(): string | undefined {
    const said = this.message === this.title ? undefined : this.message;
    return (
      [said, this.requestId && `request ${this.requestId}`].filter(Boolean).join(' · ') || undefined
    );
  }
  get title(): string {
    return catalogue[this.code].title;
  }
  get remedy(): string {
    return remedyOf(this.code);
  }
  get retry(): Trouble['retry'] {
    return catalogue[this.code].retry;
  }
  get scope(): Trouble['scope'] {
    return catalogue[this.code].scope;
  }
}
