import { CircleDollarSign, RefreshCw } from 'lucide-react';
import { useState } from 'react';
import type { StatusView } from '#shared/api.ts';
import { billOf, dollarsText, putsOf, type BillLine } from '#shared/cost/cost.ts';
import { tariffText, type Tariff } from '#shared/cost/prices.ts';
import { allOf, LATELY_DAYS } from '#shared/cost/stored.ts';
import { count, formatBytes, printable } from '#shared/format.ts';
import { storageClasses, storageClassTerms } from '#shared/storage-class.ts';
import { Button } from '../../components/Button.tsx';
import { Failure } from '../../components/Failure.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useCost } from '../../hooks/useCost.ts';
import { useListing } from '../../hooks/useListing.ts';
import { formatDate, formatTime } from '../../words/time.ts';
import { tellError } from '../../words/failures.ts';
import { CostMove } from './CostMove.tsx';
import { PriceDialog } from './PriceDialog.tsx';
import { placeOf, SectionTitle } from './sections.tsx';

/** For whoever pays for the storage: asked for by a person, since old versions are listed for it. */
export function Cost({ status }: Readonly<{ status: StatusView }>) {
  const [isAsked, setAsked] = useState(false);
  const isSet = status.mode !== 'no-settings';
  return (
    <section className="card" aria-labelledby={placeOf('cost')}>
      <header>
        <SectionTitle section="cost" />
        <p className="muted">
          About what the storage costs a month, and what keeping recordings in another class would
          save. Nothing is changed.
        </p>
      </header>
      {isAsked && isSet ? (
        <Estimate />
      ) : (
        <div className="audit-start">
          <Button disabled={!isSet} onClick={() => setAsked(true)}>
            <CircleDollarSign className="icon" aria-hidden />
            Estimate the cost
          </Button>
          {!isSet && <span className="hint">Save a bucket first.</span>}
        </div>
      )}
    </section>
  );
}

function Estimate() {
  const { cost, old, unfinished } = useCost();
  const { refresh } = useListing({ learnsNames: false });
  const [isPricing, setPricing] = useState(false);
  if (cost.error && !cost.data) return <Failure error={cost.error} onRetry={cost.refetch} />;
  if (!cost.data) return <p className="muted soon">Adding up what is stored…</p>;
  const { stored, indexedAtMs, tariff } = cost.data;
  const { lines, total } = billOf(
    { stored: allOf(stored), old: old.sums, unfinished: unfinished.data?.sums },
    tariff,
  );
  return (
    <>
      <div role="status">
        <p>
          <strong>{totalText(total)}</strong>
        </p>
        <p className="hint">
          {refresh.isPending
            ? 'Listing what is stored…'
            : indexedAtMs === null
              ? 'The storage was not listed yet: what is stored in it is not counted.'
              : `As of ${formatTime(indexedAtMs)}, with what was stored from here since.`}
          {old.isLooking && ` Looking for old versions… ${looked(old.looked)}`}
        </p>
      </div>
      {refresh.error && <Trouble telling={tellError(refresh.error)} />}
      {lines.length > 0 && <Bill lines={lines} />}
      <Unseen old={old.error} unfinished={unfinished} />
      <Lately stored={stored} tariff={tariff} />
      {lines.length > 0 && <CostMove stored={stored} tariff={tariff} />}
      <p className="hint">
        {tariffText(tariff, tariff.setAtMs === null ? null : formatDate(tariff.setAtMs))}
      </p>
      <div className="buttons">
        <Button onClick={() => setPricing(true)}>Change prices…</Button>
        <Button look="plain" isBusy={refresh.isPending} onClick={() => refresh.mutate(undefined)}>
          <RefreshCw className="icon" aria-hidden />
          List again
        </Button>
      </div>
      <PriceDialog tariff={tariff} isOpen={isPricing} onClose={() => setPricing(false)} />
    </>
  );
}

const looked = (versions: number): string =>
  versions === 0 ? '' : `${count(versions, 'version')} so far`;

function totalText({ objects, dollars, isWhole }: ReturnType<typeof billOf>['total']): string {
  if (objects === 0) return 'Nothing is stored: it costs nothing a month.';
  if (isWhole) return `Estimate: about ${dollarsText(dollars)} a month`;
  return dollars === 0
    ? 'What it costs cannot be said without prices.'
    : `Estimate: about ${dollarsText(dollars)} a month, without what has no price here`;
}

function Bill({ lines }: Readonly<{ lines: readonly BillLine[] }>) {
  return (
    <table className="matrix cost">
      <thead>
        <tr>
          <th scope="col">Kept as</th>
          <th scope="col">Size</th>
          <th scope="col">A month</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={`${line.of} ${line.storageClass}`}>
            <th scope="row">
              {nameOf(line)}
              <code>{printable(line.storageClass)}</code>
            </th>
            <td>
              {formatBytes(line.bytes)}
              <span className="hint">
                {count(line.objects, line.of === 'unfinished' ? 'upload' : 'file')}
              </span>
            </td>
            <td>
              {line.dollars === null ? (
                <span className="muted">No price</span>
              ) : (
                dollarsText(line.dollars)
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function nameOf({ of, storageClass }: BillLine): string {
  if (of === 'old') return 'Old versions';
  if (of === 'unfinished') return 'Unfinished uploads';
  const known = storageClasses.find((name) => name === storageClass);
  return known ? storageClassTerms[known].title : 'A class that is not known here';
}

type UnseenProps = Readonly<{
  old: Error | null;
  unfinished: ReturnType<typeof useCost>['unfinished'];
}>;

/** What could not be looked at: where there is any of it, it costs more. */
function Unseen({ old, unfinished }: UnseenProps) {
  const { unknown = 0, isCutOff = false } = unfinished.data ?? {};
  const notes = [
    old && `Old versions could not be seen, and would cost more. ${why(old)}`,
    unfinished.error &&
      `Unfinished uploads could not be seen, and would cost more. ${why(unfinished.error)}`,
    unknown > 0 &&
      `Of ${count(unknown, 'unfinished upload')} nobody knows how much they hold: it costs more.`,
    isCutOff && 'There may be more unfinished uploads than were looked at.',
  ].filter((note) => note !== null && note !== false);
  if (notes.length === 0) return null;
  return (
    <ul className="class-notes">
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}

function why(error: Error): string {
  const { title, todo } = tellError(error);
  return `${title}. ${todo}`;
}

type LatelyProps = Readonly<{
  stored: Parameters<typeof allOf>[0];
  tariff: Tariff;
}>;

function Lately({ stored: { lately }, tariff }: LatelyProps) {
  const all = Object.values(lately);
  const files = all.reduce((sum, { objects }) => sum + objects, 0);
  const requests = all.reduce((sum, one) => sum + one.requests, 0);
  const dollars = putsOf(lately, tariff);
  if (files === 0 || dollars === undefined) return null;
  return (
    <p className="hint">
      Storing what came within {LATELY_DAYS} days ({count(files, 'file')}) took about{' '}
      {count(requests, 'request')}: {dollarsText(dollars)}, once.
    </p>
  );
}
