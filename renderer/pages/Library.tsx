import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { History, RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { flushSync } from 'react-dom';
import { AppError } from '#shared/errors.ts';
import { count, formatTime } from '#shared/format.ts';
import { api } from '../api.ts';
import { Button } from '../components/Button.tsx';
import { Failure } from '../components/Failure.tsx';
import { PageHead } from '../components/PageHead.tsx';
import { SearchField } from '../components/SearchField.tsx';
import { Standing } from '../components/Standing.tsx';
import { Trouble } from '../components/Trouble.tsx';
import { TurnedOff } from '../components/TurnedOff.tsx';
import { useDenied } from '../hooks/useDenied.ts';
import { pageHeading } from '../hooks/useView.ts';
import { useDebounced } from '../hooks/useDebounced.ts';
import { useStatus } from '../hooks/useStatus.ts';
import { useListing } from '../hooks/useListing.ts';
import { useIsBelow, useIsStacked } from '../hooks/useMediaQuery.ts';
import { unnamedText } from '../words/places.ts';
import { tellError } from '../words/failures.ts';
import { DeletedRecordings } from './library/Deleted.tsx';
import { Details } from './library/Details.tsx';
import { Downloads } from './library/Downloads.tsx';
import { NothingStored } from './library/NothingStored.tsx';
import { ObjectTable } from './library/ObjectTable.tsx';
import { Owners, sameOwner, type Owner } from './library/Owners.tsx';
import { pickedWith, Picking, type Picked } from './library/Picking.tsx';

const toHeading = () => pageHeading()?.focus();

/** What is stored, or in its place what was deleted of it. */
export function LibraryPage() {
  const [chosen, setChosen] = useState<Owner | null>(null);
  const [deletedOf, setDeletedOf] = useState<Owner | null>();
  if (deletedOf !== undefined)
    return (
      <DeletedRecordings
        owner={deletedOf}
        onAll={() => setDeletedOf(null)}
        onClose={() => {
          flushSync(() => setDeletedOf(undefined));
          toHeading();
        }}
      />
    );
  return (
    <Stored
      chosen={chosen}
      onChoose={setChosen}
      onDeleted={() => {
        flushSync(() => setDeletedOf(chosen?.kind && chosen.ownerId ? chosen : null));
        toHeading();
      }}
    />
  );
}

type StoredProps = Choice & Readonly<{ onDeleted: () => void }>;
type Choice = Readonly<{ chosen: Owner | null; onChoose: (owner: Owner | null) => void }>;

function Stored({ chosen, onChoose, onDeleted }: StoredProps) {
  const listing = useListing();
  const { isOpen, indexedAtMs, unnamed, refresh } = listing;
  const isDenied = useDenied('s3:ListBucket');
  const standing = useStatus().data?.trouble?.code;
  // What stands above all pages already is not told twice.
  const isTold = refresh.error instanceof AppError && refresh.error.code === standing;
  return (
    <>
      <PageHead
        title="Library"
        text={
          refresh.isPending
            ? 'Listing what is stored…'
            : indexedAtMs
              ? `As of ${formatTime(indexedAtMs)}, with what was stored from here since.${unnamedText(unnamed)}`
              : refresh.isError
                ? 'Only what was stored from here is shown.'
                : 'What is in the storage.'
        }
      >
        {isOpen && (
          <div className="buttons">
            <Button look="plain" onClick={onDeleted}>
              <History className="icon" aria-hidden />
              Deleted recordings
            </Button>
            <Button isBusy={refresh.isPending} onClick={() => refresh.mutate(undefined)}>
              <RefreshCw className="icon" aria-hidden />
              Refresh
            </Button>
          </div>
        )}
      </PageHead>
      <Standing>
        {refresh.error && !isTold && <Trouble telling={tellError(refresh.error)} />}
        {isDenied && !refresh.error && <TurnedOff action="s3:ListBucket" />}
        <Shelves listing={listing} chosen={chosen} onChoose={onChoose} />
        <Downloads />
      </Standing>
    </>
  );
}

const FIRST_ROWS_MS = 100;

type ShelvesProps = Choice & Readonly<{ listing: ReturnType<typeof useListing> }>;

function Shelves({ listing, chosen, onChoose }: ShelvesProps) {
  const [typed, setTyped] = useState('');
  const [openKey, setOpenKey] = useState<string | null>(null);
  const [picked, setPicked] = useState<Picked>();
  const isOpen = openKey !== null;
  // As in library.css: where the classes have no column of their own.
  const isBox = useIsBelow(isOpen ? 1_280 : 1_100);
  const isStacked = useIsStacked() || isOpen;
  const words = useDebounced(typed.trim(), 200);
  const owners = useQuery({
    queryKey: ['owners'],
    queryFn: () => api.listOwners({}),
    placeholderData: keepPreviousData,
    // A large bucket takes minutes to list: what came first is shown as soon as it is there.
    refetchInterval: ({ state }) =>
      listing.refresh.isPending && !state.data?.length ? FIRST_ROWS_MS : false,
  });
  if (owners.error && !owners.data)
    return <Failure error={owners.error} onRetry={owners.refetch} />;
  if (!owners.data) return <p className="muted soon">Looking…</p>;
  if (owners.data.length === 0) return <NothingStored listing={listing} />;
  // One whose last recording has gone is no longer listed: all of them are shown then.
  const owner = owners.data.find((known) => chosen && sameOwner(known, chosen)) ?? null;
  const close = () => {
    // In a narrow window the list is not there before.
    flushSync(() => setOpenKey(null));
    // The row that was opened is still the one in the tab order.
    document.querySelector<HTMLElement>('.holdings-list [data-index][tabindex="0"]')?.focus();
  };
  return (
    <div className={isOpen ? 'holdings holdings-open' : 'holdings'}>
      <Owners
        owners={owners.data}
        current={words === '' ? owner : undefined}
        isBox={isBox}
        onChoose={(next) => {
          onChoose(next);
          setTyped('');
        }}
      />
      <section className="holdings-list" aria-label="Recordings">
        <div className="holdings-tools">
          <SearchField
            label="Search all names, classes and dates"
            placeholder={`Search ${count(total(owners.data), 'file')}`}
            value={typed}
            onText={setTyped}
          />
          <Picking
            picked={picked}
            onPicked={(next) => {
              setOpenKey(null);
              setPicked(next);
            }}
          />
        </div>
        <ObjectTable
          owner={owner}
          words={words}
          selectedKey={openKey}
          isStacked={isStacked}
          onOpen={setOpenKey}
          picked={picked}
          onPick={(object) => setPicked((before) => before && pickedWith(before, object))}
          listing={listing}
        />
      </section>
      {isOpen && <Details key={openKey} objectKey={openKey} onClose={close} />}
    </div>
  );
}

const total = (owners: readonly { objects: number }[]): number =>
  owners.reduce((sum, { objects }) => sum + objects, 0);
