/** @file What an audit found, for somebody who wants to know whether anything is to be done. */
import {
  auditReasonNames,
  needsLook,
  type AuditLevel,
  type AuditReason,
  type AuditTotals,
} from '#shared/audit.ts';
import { count, formatNumber } from '#shared/format.ts';

export const levelWords: Record<AuditLevel, string> = {
  list: 'Quick: names and sizes',
  head: 'Usual: asks the storage about each recording',
  full: 'Thorough: also reads every file again, which takes long',
};

export const shortLevels: Record<AuditLevel, string> = {
  list: 'quick',
  head: 'usual',
  full: 'thorough',
};

/** What goes up by itself is nobody's to look at, though a program counts it as not done. */
const onItsWay: ReadonlySet<AuditReason> = new Set(['not-uploaded', 'not-in-ledger']);

export type Weight = 'look' | 'on-its-way' | 'fine';

function weightOf(reason: AuditReason): Weight {
  if (onItsWay.has(reason)) return 'on-its-way';
  return needsLook(reason) ? 'look' : 'fine';
}

export type Group = Readonly<{ reason: AuditReason; files: number; weight: Weight }>;

const order: readonly Weight[] = ['look', 'on-its-way', 'fine'];

/** All but what is the same in both places, what needs a person first. */
export function groupsOf(totals: AuditTotals): Group[] {
  return auditReasonNames
    .map((reason) => ({ reason, files: totals[reason] ?? 0, weight: weightOf(reason) }))
    .filter(({ reason, files }) => files > 0 && reason !== 'equal')
    .toSorted((a, b) => order.indexOf(a.weight) - order.indexOf(b.weight));
}

/** `312 recordings are in the storage and on this computer, 2 need a look.` */
export function headline(totals: AuditTotals): string {
  const of = (weight: Weight) =>
    groupsOf(totals)
      .filter((group) => group.weight === weight)
      .reduce((sum, { files }) => sum + files, 0);
  const same = totals.equal ?? 0;
  const [look, coming] = [of('look'), of('on-its-way')];
  const parts = [
    same > 0 && `${count(same, 'recording')} ${are(same)} in the storage and on this computer`,
    look > 0 && `${formatNumber(look)} ${look === 1 ? 'needs' : 'need'} a look`,
    coming > 0 && `${formatNumber(coming)} ${are(coming)} not stored yet`,
  ].filter((part) => part !== false);
  if (parts.length > 0) return `${parts.join(', ')}.`;
  return of('fine') > 0 ? 'Nothing needs a look.' : 'There is nothing to compare yet.';
}

const are = (files: number): string => (files === 1 ? 'is' : 'are');

export function progress(looked: number): string {
  return looked === 0 ? 'Asking the storage…' : `${formatNumber(looked)} looked at.`;
}
