/** @file Choosing several recordings of the list, for a page of links to them. */
import { ListChecks } from 'lucide-react';
import { useState } from 'react';
import type { ObjectView } from '#shared/api/stored.ts';
import { count, formatBytes } from '#shared/format.ts';
import { MAX_PAGE_FILES } from '#shared/link-page.ts';
import { PageDialog } from './PageDialog.tsx';

/** By their keys; `undefined` while nobody is choosing. */
export type Picked = ReadonlyMap<string, ObjectView> | undefined;

/** With this one, or without it; no more than a page may have. */
export function pickedWith(picked: NonNullable<Picked>, object: ObjectView): Picked {
  const next = new Map(picked);
  if (!next.delete(object.key) && next.size < MAX_PAGE_FILES) next.set(object.key, object);
  return next;
}

type Props = Readonly<{ picked: Picked; onPicked: (picked: Picked) => void }>;

export function Picking({ picked, onPicked }: Props) {
  const [isOpen, setOpen] = useState(false);
  const objects = [...(picked?.values() ?? [])];
  const bytes = objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return (
    <div className="picking">
      <p role="status">
        {picked &&
          (objects.length === 0
            ? 'Choose recordings in the list.'
            : `${count(objects.length, 'recording')}, ${formatBytes(bytes)}`)}
        {objects.length === MAX_PAGE_FILES && ': a page has no more.'}
      </p>
      <div className="buttons">
        {/* One button, so that it keeps the focus. */}
        <button
          type="button"
          className="button"
          onClick={() => onPicked(picked ? undefined : new Map())}
        >
          {!picked && <ListChecks className="icon" aria-hidden />}
          {picked ? 'Cancel' : 'Choose several'}
        </button>
        {picked && (
          <button
            type="button"
            className="button button-main"
            disabled={objects.length === 0}
            onClick={() => setOpen(true)}
          >
            Page of links…
          </button>
        )}
      </div>
      <PageDialog isOpen={isOpen} objects={objects} onClose={() => setOpen(false)} />
    </div>
  );
}
