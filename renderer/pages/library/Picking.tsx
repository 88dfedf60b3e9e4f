/** @file Choosing several recordings of the list, for a page of links to them. */
import { ListChecks } from 'lucide-react';
import { useRef, useState } from 'react';
import type { ObjectView } from '#shared/api/stored.ts';
import { MAX_PAGE_FILES } from '#shared/link-page.ts';
import { Button } from '../../components/Button.tsx';
import { PageDialog, totalText } from './PageDialog.tsx';

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
  // Those of the page: once it is saved nothing is chosen any more, and what it was made of is still shown.
  const [paged, setPaged] = useState<readonly ObjectView[]>();
  const choose = useRef<HTMLButtonElement>(null);
  const make = useRef<HTMLButtonElement>(null);
  const objects = [...(picked?.values() ?? [])];
  return (
    <>
      <div className="buttons">
        {/* One button, so that it keeps the focus. */}
        <Button ref={choose} onClick={() => onPicked(picked ? undefined : new Map())}>
          {!picked && <ListChecks className="icon" aria-hidden />}
          {picked ? 'Cancel' : 'Choose several'}
        </Button>
        {picked && (
          <Button
            look="main"
            ref={make}
            disabled={objects.length === 0}
            onClick={() => setPaged(objects)}
          >
            Page of links…
          </Button>
        )}
      </div>
      <p className="picking" role="status">
        {picked && (objects.length === 0 ? 'Choose recordings in the list.' : totalText(objects))}
        {objects.length === MAX_PAGE_FILES && ': a page has no more.'}
      </p>
      <PageDialog
        objects={paged}
        onClose={() => setPaged(undefined)}
        // The next page is to have none of the recordings of this one.
        onSaved={() => onPicked(undefined)}
        focusAfter={() => make.current ?? choose.current}
      />
    </>
  );
}
