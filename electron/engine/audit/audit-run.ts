import type { AuditLevel, AuditTotals } from '#shared/audit.ts';
import { audit, type AuditContext } from './audit.ts';
import { auditStore, type Finding, type LastAudit } from '../store/audits.ts';

const BATCH = 500;

/**
 * Audits, and keeps what it found for whoever asks later; what was found before stays until it has ended.
 *
 * @param onFinding Hears of each thing that was looked at, and how many there were until then.
 * @throws as `audit`
 */
export async function runAudit(
  context: AuditContext,
  level: AuditLevel,
  nowMs: () => number,
  onFinding: (finding: Finding, looked: number) => void | Promise<void>,
  signal: AbortSignal,
): Promise<LastAudit> {
  const store = auditStore(context.database);
  const startedAtMs = nowMs();
  const run = store.begin(startedAtMs);
  const totals: AuditTotals = {};
  let batch: Finding[] = [];
  let looked = 0;
  const keep = () => {
    store.add(run, batch);
    batch = [];
  };
  try {
    for await (const finding of audit(context, level, signal)) {
      totals[finding.reason] = (totals[finding.reason] ?? 0) + 1;
      looked += 1;
      // What is the same is counted, and what others stored is in the Library.
      if (finding.reason !== 'equal' && finding.reason !== 'only-in-bucket') batch.push(finding);
      if (batch.length >= BATCH) keep();
      await onFinding(finding, looked);
    }
    keep();
    const { remote, isByItself = false } = context;
    const result = { run, level, startedAtMs, endedAtMs: nowMs(), totals, isByItself };
    store.finish(result, remote.place);
    return result;
  } catch (error) {
    store.forget(run);
    throw error;
  }
}
