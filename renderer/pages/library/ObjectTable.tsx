import { FileAudio, FileQuestionMark, FileText, SearchX, Square, SquareCheck } from 'lucide-react';
import { useMemo } from 'react';
import type { ObjectView } from '#shared/api/stored.ts';
import { formatBytes, formatDate, formatTime, printable } from '#shared/format.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Empty } from '../../components/Empty.tsx';
import { Grid } from '../../components/Grid.tsx';
import { Name } from '../../components/Name.tsx';
import type { useListing } from '../../hooks/useListing.ts';
import { useIsNarrow } from '../../hooks/useMediaQuery.ts';
import { useShelf } from '../../hooks/useShelf.ts';
import { lastPart, unnamedText } from '../../words/places.ts';
import type { Owner } from './Owners.tsx';
import type { Picked } from './Picking.tsx';

type Props = Readonly<{
  owner: Owner | null;
  words: string;
  selectedKey: string | null;
  /** The name above the rest: all of the width is its. */
  isStacked: boolean;
  onOpen: (key: string) => void;
  picked: Picked;
  onPick: (object: ObjectView) => void;
  listing: ReturnType<typeof useListing>;
}>;

/** The objects of one class or user, or of all; a search is always among all. */
export function ObjectTable(props: Props) {
  const { owner, words, selectedKey, isStacked, onOpen, picked, onPick, listing } = props;
  const isNarrow = useIsNarrow();
  const isSearch = words !== '';
  const isOfAll = isSearch || owner === null;
  const [kind, ownerId] = isOfAll ? [null, null] : [owner.kind, owner.ownerId];
  const source = useMemo(
    () => ({
      queryKey: ['objects', isOfAll ? { words } : { kind, ownerId }],
      fetchPage: (offset: number, limit: number) =>
        api.listObjects({ owner: isOfAll ? null : { kind, ownerId }, words, offset, limit }),
    }),
    [isOfAll, kind, ownerId, words],
  );
  const columns = isOfAll ? ['Name', 'Class, user', 'Size', 'Date'] : ['Name', 'Size', 'Date'];
  const wide = isOfAll ? 'minmax(0, 1fr) minmax(0, 80px) 64px 96px' : 'minmax(0, 1fr) 72px 100px';
  return (
    <Grid
      label={
        isSearch
          ? `Found: ${words}`
          : isOfAll
            ? 'All recordings, newest first'
            : `Recordings of ${ownerId ?? 'others'}`
      }
      source={source}
      columns={columns}
      template={!isStacked ? wide : isOfAll ? 'minmax(0, 1fr) 64px 96px' : 'minmax(0, 1fr) auto'}
      isStacked={isStacked}
      rowHeight={isNarrow ? 62 : 52}
      idOf={(object) => object.key}
      selectedId={selectedKey}
      pickedIds={picked}
      onOpen={(object) => (picked ? onPick(object) : onOpen(object.key))}
      empty={<NothingFound words={words} listing={listing} />}
    >
      {(object) => <Cells object={object} hasOwner={isOfAll} isPicked={picked?.has(object.key)} />}
    </Grid>
  );
}

const shelfWords: Record<NonNullable<ObjectView['shelf']>, string> = {
  archived: 'Archived',
  restoring: 'Being made readable',
  restored: 'Readable for now',
};

type CellsProps = Readonly<{
  object: ObjectView;
  hasOwner: boolean;
  /** `undefined` while nobody is choosing. */
  isPicked: boolean | undefined;
}>;

function Cells({ object, hasOwner, isPicked }: CellsProps) {
  const { key, name, kind, ownerId, sizeBytes, lastModifiedMs } = object;
  const shelf = useShelf(object);
  const Kind = kind === null ? FileQuestionMark : kind === 'audio' ? FileAudio : FileText;
  const Icon = isPicked === undefined ? Kind : isPicked ? SquareCheck : Square;
  return (
    <>
      <div role="gridcell" className="object-name">
        <Icon className="icon" aria-hidden />
        <Name text={name ?? lastPart(key)} />
        {shelf && <span className="object-archived">{shelfWords[shelf]}</span>}
      </div>
      {hasOwner && (
        <div role="gridcell" className="object-owner clip" title={ownerId ?? undefined}>
          {printable(ownerId ?? '—')}
        </div>
      )}
      <div role="gridcell" className="object-size num">
        {formatBytes(sizeBytes)}
      </div>
      <div role="gridcell" className="object-date num" title={formatTime(lastModifiedMs)}>
        {formatDate(lastModifiedMs)}
      </div>
    </>
  );
}

type NothingProps = Pick<Props, 'words' | 'listing'>;

function NothingFound({ words, listing }: NothingProps) {
  const { indexedAtMs, unnamed, refresh } = listing;
  if (words === '')
    return <Empty icon={SearchX} title="Nothing here" text="All of it was moved or deleted." />;
  const when = indexedAtMs
    ? `What is stored was last listed on ${formatTime(indexedAtMs)}. `
    : 'What is stored has not been listed yet: only what came from here is known. ';
  return (
    <Empty
      icon={SearchX}
      title={`Nothing found for “${printable(words)}”`}
      text={`${when}Names of recordings, classes and dates are searched, from the start of each word.${unnamedText(unnamed)}`}
    >
      <Button isBusy={refresh.isPending} onClick={() => refresh.mutate(undefined)}>
        List it again
      </Button>
    </Empty>
  );
}
