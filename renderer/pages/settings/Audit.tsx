import { CircleAlert, CircleCheck, CircleMinus, Clock3, ScanSearch } from 'lucide-react';
import { useState } from 'react';
import type { StatusView } from '#shared/api.ts';
import type { AuditView } from '#shared/api/ledger.ts';
import { auditAlarm, auditLevels, countRefuted, type AuditLevel } from '#shared/audit.ts';
import { AppError } from '#shared/errors.ts';
import { formatTime } from '#shared/format.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Failure } from '../../components/Failure.tsx';
import { Select } from '../../components/Select.tsx';
import { ShowCommand } from '../../components/ShowCommand.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { TurnedOff } from '../../components/TurnedOff.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { useAudit } from '../../hooks/useAudit.ts';
import { useDenied } from '../../hooks/useDenied.ts';
import {
  groupsOf,
  headline,
  levelWords,
  progress,
  shortLevels,
  type Weight,
} from '../../words/audits.ts';
import { tellError } from '../../words/failures.ts';
import { Findings } from './Findings.tsx';
import { OwnAudits } from './OwnAudits.tsx';
import { placeOf, SectionTitle } from './sections.tsx';

/** Whether all that was sent is really there: asked for by a person, file by file. */
export function Audit({ status }: Readonly<{ status: StatusView }>) {
  const [level, setLevel] = useState<AuditLevel>('head');
  const { data, error, refetch } = useAudit();
  const start = useAction(() => api.startAudit({ level }), { changes: ['audit'] });
  const cancel = useAction(() => api.cancelAudit({}), { changes: ['audit'] });
  const isSet = status.mode !== 'no-settings';
  const isDenied = useDenied('s3:ListBucket');
  const running = data?.running ?? null;
  return (
    <section className="card" aria-labelledby={placeOf('audit')}>
      <header>
        <SectionTitle section="audit" />
        <p className="muted">
          Compares this computer’s folders with the storage, file by file. Nothing is changed.
        </p>
      </header>
      {error && <Failure error={error} onRetry={refetch} />}
      <div className="audit-start">
        <label>
          <span className="unseen">How thorough</span>
          <Select
            value={running?.level ?? level}
            disabled={running !== null}
            onChange={(event) => {
              const chosen = auditLevels.find((known) => known === event.target.value);
              if (chosen) setLevel(chosen);
            }}
          >
            {auditLevels.map((known) => (
              <option key={known} value={known}>
                {levelWords[known]}
              </option>
            ))}
          </Select>
        </label>
        <Button
          disabled={!isSet || (isDenied && running === null)}
          isBusy={start.isPending || cancel.isPending}
          onClick={() => (running ? cancel : start).mutate(undefined)}
        >
          {running ? (
            'Cancel the audit'
          ) : (
            <>
              <ScanSearch className="icon" aria-hidden />
              Start audit
            </>
          )}
        </Button>
        {!isSet && <span className="hint">Save a bucket first.</span>}
      </div>
      {isSet && <ShowCommand of={{ kind: 'audit', level: running?.level ?? level }} />}
      {isDenied && <TurnedOff action="s3:ListBucket" />}
      {start.error && <Trouble telling={tellError(start.error)} />}
      {cancel.error && <Trouble telling={tellError(cancel.error)} />}
      {running && (
        <div className="audit-running">
          <progress className="bar" aria-label="The audit is running" />
          <span className="hint num">
            {progress(running.looked)} Uploads go on meanwhile, and you may leave this page.
          </span>
        </div>
      )}
      {isSet && <OwnAudits isDenied={isDenied} />}
      {data && <Outcome audit={data} />}
    </section>
  );
}

function Outcome({ audit }: Readonly<{ audit: AuditView }>) {
  const { running, wasCancelled, trouble, last } = audit;
  const before = last && (running || wasCancelled || trouble);
  return (
    <>
      {trouble && (
        <Trouble
          title="The audit could not be finished"
          telling={{
            ...tellError(new AppError(trouble.code, trouble.detail ?? undefined)),
            what: `${trouble.title}.`,
            safe: 'What it cannot see does not count as missing.',
          }}
        />
      )}
      {wasCancelled && !running && <p className="muted">The audit was cancelled.</p>}
      {last ? (
        <div className="audit-result">
          {before && <p className="hint">The last one that was finished:</p>}
          <Result last={last} />
        </div>
      ) : (
        !running && <p className="hint">No audit was finished on this computer yet.</p>
      )}
    </>
  );
}

const looks = {
  look: { icon: CircleAlert, tone: 'help' },
  'on-its-way': { icon: Clock3, tone: 'waiting' },
  fine: { icon: CircleMinus, tone: 'waiting' },
} as const satisfies Record<Weight, unknown>;

function Result({ last }: Readonly<{ last: NonNullable<AuditView['last']> }>) {
  const { totals, level, endedAtMs, open, isByItself } = last;
  const alarm = countRefuted(open) > 0 ? auditAlarm(totals) : undefined;
  const groups = groupsOf(totals);
  const isFine = groups.every(({ weight }) => weight === 'fine') && (totals.equal ?? 0) > 0;
  return (
    <>
      {alarm !== undefined && (
        <section className="note note-help" aria-label="Stored recordings are gone">
          <CircleAlert className="icon" aria-hidden />
          <div className="note-text">
            <strong>Stored recordings are gone</strong>
            <p>{alarm}</p>
          </div>
        </section>
      )}
      <div>
        <p className={isFine ? 'state state-done' : undefined}>
          {isFine && <CircleCheck className="icon" aria-hidden />}
          <strong>{headline(totals)}</strong>
        </p>
        <p className="hint">
          {formatTime(endedAtMs)}, {shortLevels[level]}
          {isByItself && ', by itself'}
        </p>
      </div>
      {groups.length > 0 && (
        <ul className="audit-groups" aria-label="What the audit found">
          {groups.map((group) => (
            <Findings
              key={`${endedAtMs} ${group.reason}`}
              group={group}
              auditedAtMs={endedAtMs}
              look={looks[group.weight]}
              open={open}
            />
          ))}
        </ul>
      )}
    </>
  );
}
