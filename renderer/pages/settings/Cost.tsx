import { CircleDollarSign, RefreshCw } from 'lucide-react';
import { useState } from 'react';
import type { StatusView } from '#shared/api.ts';
import {
  billOf,
  dollarsText,
  putsOf,
  totalText,
  unseenNotes,
  type BillLine,
  type Looked,
} from '#shared/cost/cost.ts';
import { tariffText, type Tariff } from '#shared/cost/prices.ts';
import { allOf, LATELY_DAYS } from '#shared/cost/stored.ts';
import { count, formatBytes, formatDate, formatTime, printable } from '#shared/format.ts';
import { storageClasses, storageClassTerms } from '#shared/storage-class.ts';
import { Button } from '../../components/Button.tsx';
import { Failure } from '../../components/Failure.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useCost } from '../../hooks/useCost.ts';
import { useListing } from '../../hooks/useListing.ts';
import { tellError } from '../../words/failures.ts';
import { CostMove } from './CostMove.tsx';
import { PriceDialog } from './PriceDialog.tsx';
import { placeOf, SectionTitle } from './sections.tsx';

/** For whoever pays for the storage: asked for by a person, since old versions are listed for it. */
export function Cost({ status }: Readonly<{ status: StatusView }>) {
  const [isAsked, setAsked] = useState(false);
  const start = () => {
    // The button goes.
    document.getElementById(placeOf('cost'))?.focus();
    setAsked(true);
  };
  const isSet = status.mode !== 'no-settings';
  const place = `${status.bucket} at ${status.endpoint}`;
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
        <Estimate key={place} place={place} />
      ) : (
        <div className="audit-start">
          <Button disabled={!isSet} onClick={start}>
            <CircleDollarSign className="icon" aria-hidden />
            Estimate the cost
          </Button>
          {!isSet && <span className="hint">Save a bucket first.</span>}
        </div>
      )}
    </section>
  );
}

type Held = ReturnType<typeof useCost>;

function Estimate({ place }: Readonly<{ place: string }>) {
  const held = useCost(place);
  const { cost, old, unfinished, lookAgain } = held;
  const { refresh } = useListing({ learnsNames: false });
  const [isPricing, setPricing] = useState(false);
  if (cost.error && !cost.data) return <Failure error={cost.error} onRetry={cost.refetch} />;
  if (!cost.data) return <p className="muted soon">Adding up what is stored…</p>;
  const { stored, indexedAtMs, tariff } = cost.data;
  const { lines, total } = billOf(
    {
      stored: allOf(stored),
      // What cannot be seen any more is not counted as it was.
      old: old.error ? undefined : old.sums,
      unfinished: unfinished.error ? undefined : unfinished.data?.sums,
    },
    tariff,
  );
  const hasPrices = tariff.isAmazon || Object.keys(tariff.own).length > 0;
  const looked = refresh.isPending ? 'looking' : lookedAt(held);
  return (
    <>
      <div role="status" aria-busy={looked === 'looking'}>
        <p>
          <strong>{totalText(total, looked)}</strong>
        </p>
        <p className="hint">
          {refresh.isPending
            ? 'Listing what is stored…'
            : indexedAtMs === null
              ? 'The storage was not listed yet: what is stored in it is not counted.'
              : `As of ${formatTime(indexedAtMs)}, with what was stored from here since.`}
        </p>
      </div>
      {old.isLooking && <p className="hint">Looking for old versions… {soFar(old.looked)}</p>}
      {refresh.error && <Trouble telling={tellError(refresh.error)} />}
      {lines.length > 0 && <Bill lines={lines} />}
      <Unseen old={old} unfinished={unfinished} said={refresh.error} />
      <Lately stored={stored} tariff={tariff} />
      {hasPrices && lines.length > 0 && <CostMove stored={stored} tariff={tariff} />}
      <p className="hint">
        {tariffText(tariff, tariff.setAtMs === null ? null : formatDate(tariff.setAtMs))}
      </p>
      <div className="buttons">
        <Button look={hasPrices ? undefined : 'main'} onClick={() => setPricing(true)}>
          {hasPrices ? 'Change prices…' : 'Enter prices…'}
        </Button>
        <Button
          look="plain"
          isBusy={refresh.isPending}
          onClick={() => {
            refresh.mutate(undefined);
            lookAgain();
          }}
        >
          <RefreshCw className="icon" aria-hidden />
          List again
        </Button>
      </div>
      <PriceDialog tariff={tariff} isOpen={isPricing} onClose={() => setPricing(false)} />
    </>
  );
}

function lookedAt({ cost, old, unfinished }: Omit<Held, 'lookAgain'>): Looked {
  if (old.isLooking || unfinished.isFetching) return 'looking';
  const isListed = cost.data !== undefined && cost.data.indexedAtMs !== null;
  const { unknown, isCutOff } = unfinished.data ?? { unknown: 0, isCutOff: true };
  const isAll = isListed && !old.error && !unfinished.error && unknown === 0 && !isCutOff;
  return isAll ? 'all' : 'part';
}

const soFar = (versions: number): string =>
  versions === 0 ? '' : `${count(versions, 'version')} so far`;

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

type UnseenProps = Pick<Held, 'old' | 'unfinished'> &
  Readonly<{
    /** What the page says already is in the way. */
    said: Error | null;
  }>;

/** What could not be looked at; why, once. */
function Unseen({ old, unfinished, said }: UnseenProps) {
  const [before, first, second] = [said, old.error, unfinished.error].map((error) =>
    error === null ? undefined : why(error),
  );
  const notes = unseenNotes({
    ...unfinished.data,
    old: first && (first === before ? '' : first),
    unfinished: second && (second === before || second === first ? '' : second),
  });
  if (notes.length === 0) return null;
  return (
    <ul className="class-notes">
      {notes.map((note) => (
        <li key={note} className="hint">
          {note}
        </li>
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
