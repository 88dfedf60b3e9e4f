/** @file What stands on every page of a window while it lasts. */
import { catalogue, remedyOf } from '#shared/troubles/catalogue.ts';
import { correctionText, POOR_CLOCK_MS } from '#shared/corrections.ts';
import type { AppError } from '#shared/errors.ts';
import type { StorageSettings } from '../s3/storage-settings.ts';
import { unverifiedText } from './unverified.ts';

type Standing = Readonly<{
  isDiskLow: boolean;
  /** That uploads have stood for days. */
  overdue: string | null;
  /** Why recordings wait for the virus scanner. */
  scanner: AppError | undefined;
  /** Of the school's own settings. */
  school: string | undefined;
  /** Under which anybody on the way could read along. */
  unverified: StorageSettings | undefined;
  /** How far this computer's clock is ahead of the storage's, milliseconds. */
  aheadMs: number;
}>;

/** All of it, the gravest first, each in a line that begins with what is the matter; null when there is nothing. */
export function warningText({
  isDiskLow,
  overdue,
  scanner,
  school,
  unverified,
  aheadMs,
}: Standing): string | null {
  const texts = [
    isDiskLow && `${catalogue['disk-full'].title}. ${remedyOf('disk-full')}`,
    overdue,
    scanner && `${scanner.title}. ${scanner.remedy} Details: ${scanner.message}.`,
    school,
    unverified && unverifiedText(unverified),
    Math.abs(aheadMs) >= POOR_CLOCK_MS && correctionText({ kind: 'clock', aheadMs }),
  ];
  const lines = texts.filter((text) => typeof text === 'string');
  return lines.map((text) => text.replaceAll('\n', ' ')).join('\n') || null;
}
