import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { formatBytes, formatTime, printable } from '#shared/format.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Name } from '../../components/Name.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useDebounced } from '../../hooks/useDebounced.ts';
import { useListing } from '../../hooks/useListing.ts';
import { show } from '../../hooks/useView.ts';
import { lastPart, unnamedText } from '../../words/places.ts';
import { tellError } from '../../words/failures.ts';
import type { LinkTarget } from './LinkDialog.tsx';

const SHOWN = 20;

type Props = Readonly<{
  isOpen: boolean;
  onClose: () => void;
  onPick: (target: LinkTarget) => void;
}>;

/** Finds the recording that a new link is for. */
export function PickDialog({ isOpen, onClose, onPick }: Props) {
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title="Which recording?"
      description="Search by name, class or date."
    >
      <Finder onPick={onPick} />
      <footer className="dialog-foot">
        <Button className="foot-start" onClick={() => show('library')}>
          Browse the Library
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </footer>
    </Dialog>
  );
}

function Finder({ onPick }: Pick<Props, 'onPick'>) {
  const [typed, setTyped] = useState('');
  const words = useDebounced(typed.trim(), 200);
  // Lists a storage that was never listed: nothing found in it would be said of nothing known.
  const { indexedAtMs, unnamed, refresh } = useListing();
  const { data, error } = useQuery({
    queryKey: ['objects', 'pick', words],
    queryFn: () => api.listObjects({ owner: null, words, offset: 0, limit: SHOWN }),
    enabled: words !== '',
    placeholderData: keepPreviousData,
  });
  return (
    <div className="dialog-body pick">
      <div className="field">
        <label htmlFor="pick-words">Search</label>
        <input
          id="pick-words"
          className="input"
          type="search"
          value={typed}
          maxLength={200}
          onChange={(event) => setTyped(event.target.value)}
        />
      </div>
      {refresh.error && <Trouble telling={tellError(refresh.error)} />}
      {error && <Trouble telling={tellError(error)} />}
      {words !== '' && !data && !error && <p className="hint soon">Searching…</p>}
      {words !== '' && data && (
        <ul className="pick-list" aria-label="Found recordings">
          {data.rows.map(({ key, name, ownerId, sizeBytes, lastModifiedMs }) => (
            <li key={key}>
              <button
                type="button"
                className="owner"
                onClick={() => onPick({ key, name: name ?? lastPart(key) })}
              >
                <Name text={name ?? lastPart(key)} />
                <span className="owner-more">
                  {ownerId && `${printable(ownerId)} · `}
                  {formatBytes(sizeBytes)} · {formatTime(lastModifiedMs)}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {words !== '' && data && (
        <p className="hint">
          {refresh.isPending && 'What is stored is being listed… '}
          {refresh.isError &&
            indexedAtMs === null &&
            'What is stored could not be listed: only what came from here is known. '}
          {data.total === 0
            ? 'Nothing found. Names, classes and dates are searched, from the start of each word.'
            : data.total > SHOWN
              ? `The newest ${SHOWN} of ${data.total}. Add a word to find others.`
              : null}
          {unnamedText(unnamed)}
        </p>
      )}
    </div>
  );
}
