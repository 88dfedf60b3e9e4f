import { ArrowLeft, History, SearchX, Undo2 } from 'lucide-react';
import { memo, useCallback, useState } from 'react';
import type { DeletedView } from '#shared/api/deleted.ts';
import { count, formatBytes, formatDate, formatTime, printable } from '#shared/format.ts';
import { Button } from '../../components/Button.tsx';
import { Empty } from '../../components/Empty.tsx';
import { Failure } from '../../components/Failure.tsx';
import { Name } from '../../components/Name.tsx';
import { PageHead } from '../../components/PageHead.tsx';
import { Standing } from '../../components/Standing.tsx';
import { useDeleted } from '../../hooks/useDeleted.ts';
import { lastPart } from '../../words/places.ts';
import { BringBackDialog } from './BringBackDialog.tsx';
import type { Owner } from './Owners.tsx';

type Props = Readonly<{
  /** Whose; null for all. */
  owner: Owner | null;
  onAll: () => void;
  onClose: () => void;
}>;

/** In the place of the library: what was deleted in the storage, and the way back. */
export function DeletedRecordings({ owner, onAll, onClose }: Props) {
  return (
    <>
      <PageHead
        title="Deleted recordings"
        text={
          owner?.ownerId
            ? `What was deleted of ${printable(owner.ownerId)} and is still kept in the storage.`
            : 'What was deleted and is still kept in the storage.'
        }
      >
        <div className="buttons">
          {owner && <Button onClick={onAll}>Look in all classes</Button>}
          <Button onClick={onClose}>
            <ArrowLeft className="icon" aria-hidden />
            Back to the library
          </Button>
        </div>
      </PageHead>
      <Standing>
        <Listed owner={owner} />
      </Standing>
    </>
  );
}

function Listed({ owner }: Readonly<{ owner: Owner | null }>) {
  const deleted = useDeleted(owner);
  const { rows, versioning, error, hasNextPage, isFetching } = deleted;
  if (error && rows.length === 0) return <Failure error={error} onRetry={deleted.refetch} />;
  if (rows.length > 0) return <Chooser {...deleted} />;
  if (versioning === undefined || hasNextPage || isFetching)
    return (
      <p className="muted soon">
        Looking for what was deleted…{' '}
        {deleted.looked > 0 && `${count(deleted.looked, 'file')} so far`}
      </p>
    );
  if (versioning === 'off')
    return (
      <Empty
        icon={History}
        title="This storage keeps nothing that is deleted"
        text="What is deleted in it is gone. An admin can turn on versioning for the bucket: what is deleted from then on can be brought back."
      />
    );
  return (
    <Empty
      icon={SearchX}
      title="Nothing that was deleted is still kept"
      text="What is deleted shows up here for as long as the storage keeps it."
    />
  );
}

function Chooser(deleted: ReturnType<typeof useDeleted>) {
  const { rows, error, hasNextPage, isFetching, fetchNextPage } = deleted;
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [isAsked, setAsked] = useState(false);
  const possible = rows.filter(({ canReturn }) => canReturn);
  const wanted = possible.filter(({ key }) => chosen.has(key));
  const isAll = wanted.length > 0 && wanted.length === possible.length;
  const toggle = useCallback(
    (key: string) =>
      setChosen((before) => {
        const next = new Set(before);
        if (!next.delete(key)) next.add(key);
        return next;
      }),
    [],
  );
  return (
    <section className="deleted" aria-label="Deleted recordings">
      <div className="deleted-bar">
        <label className="deleted-all">
          <input
            ref={(box) => {
              if (box) box.indeterminate = wanted.length > 0 && !isAll;
            }}
            type="checkbox"
            checked={isAll}
            disabled={possible.length === 0}
            onChange={() => setChosen(new Set(isAll ? [] : possible.map(({ key }) => key)))}
          />
          {count(rows.length, 'deleted recording')}
          {hasNextPage ? ' so far' : ''}
        </label>
        <Button look="main" disabled={wanted.length === 0} onClick={() => setAsked(true)}>
          <Undo2 className="icon" aria-hidden />
          {wanted.length === 0 ? 'Bring back' : `Bring back ${count(wanted.length, 'recording')}…`}
        </Button>
      </div>
      <ul className="deleted-rows">
        {rows.map((one) => (
          <Row key={one.key} one={one} isChosen={chosen.has(one.key)} onToggle={toggle} />
        ))}
      </ul>
      {error && <Failure error={error} onRetry={fetchNextPage} />}
      {hasNextPage && !error && (
        <div className="buttons">
          <Button isBusy={isFetching} onClick={() => void fetchNextPage()}>
            {isFetching ? 'Looking…' : 'Look further'}
          </Button>
        </div>
      )}
      <BringBackDialog
        wanted={wanted}
        isOpen={isAsked}
        onClose={() => setAsked(false)}
        onDone={() => setChosen(new Set())}
      />
    </section>
  );
}

type RowProps = Readonly<{
  one: DeletedView;
  isChosen: boolean;
  onToggle: (key: string) => void;
}>;

/** Of thousands, the one that is chosen is drawn anew. */
const Row = memo(function Row({ one, isChosen, onToggle }: RowProps) {
  const { key, name, ownerId, sizeBytes, deletedAtMs, keptUntilMs, canReturn } = one;
  return (
    <li>
      <label className="deleted-row">
        <input
          type="checkbox"
          checked={isChosen && canReturn}
          disabled={!canReturn}
          onChange={() => onToggle(key)}
        />
        <span className="deleted-name">
          <Name text={name ?? lastPart(key)} />
          <span className="hint">
            {ownerId !== null && `${printable(ownerId)} · `}
            {formatBytes(sizeBytes)}
            {!canReturn && ' · An admin can bring it back, in the storage’s console'}
          </span>
        </span>
        <span className="deleted-when hint" title={formatTime(deletedAtMs)}>
          Deleted {formatDate(deletedAtMs)}
          {keptUntilMs !== null && <span>Kept until {formatDate(keptUntilMs)}</span>}
        </span>
      </label>
    </li>
  );
});
