import type { ObjectView } from '#shared/api/stored.ts';
import { count, formatBytes, formatDeadline, printable } from '#shared/format.ts';
import { MAY_END_SOONER } from '#shared/link.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { useFocusOn } from '../../hooks/useFocusOn.ts';
import { lastPart } from '../../words/places.ts';
import { LinkForm } from '../links/LinkForm.tsx';

type SaveProps = Readonly<{
  objects: readonly ObjectView[];
  onClose: () => void;
  /** Also where the dialog was closed meanwhile. */
  onSaved: () => void;
}>;
type Props = Omit<SaveProps, 'objects'> &
  Readonly<{
    objects: readonly ObjectView[] | undefined;
    /** Where the focus goes then; unless said, to where it was. */
    focusAfter: () => HTMLElement | null;
  }>;

/** One page with a link to each of several recordings, saved as a file that a person sends. Open while there are some. */
export function PageDialog({ objects, onClose, onSaved, focusAfter }: Props) {
  return (
    <Dialog
      isOpen={objects !== undefined}
      onClose={onClose}
      finalFocus={focusAfter}
      title="A page of links"
      description={
        objects &&
        `${totalText(objects)} together. The page is a file: send it as you send any other.`
      }
    >
      {objects && <SavePage objects={objects} onClose={onClose} onSaved={onSaved} />}
    </Dialog>
  );
}

/** How many they are, and how large. */
export function totalText(objects: readonly ObjectView[]): string {
  const bytes = objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return `${count(objects.length, 'recording')}, ${formatBytes(bytes)}`;
}

function SavePage({ objects, onClose, onSaved }: SaveProps) {
  const save = useAction(api.saveLinkPage, {
    changes: ['links'],
    onDone: ({ saved }) => {
      if (saved) onSaved();
    },
  });
  const saved = save.data?.saved;
  const text = useFocusOn<HTMLParagraphElement>(saved?.path);
  if (!saved)
    return (
      <LinkForm
        verb="Save page…"
        error={save.error}
        isBusy={save.isPending}
        onCancel={onClose}
        onSubmit={(choices) => save.mutate({ keys: objects.map(({ key }) => key), ...choices })}
      >
        <div className="field">
          <h3 id="on-the-page">On the page</h3>
          <ul className="facts page-names" aria-labelledby="on-the-page">
            {objects.map(({ key, name, ownerId }) => (
              <li key={key}>
                <bdi>{printable(name ?? lastPart(key))}</bdi>
                {ownerId && <span className="muted"> · {printable(ownerId)}</span>}
              </li>
            ))}
          </ul>
        </div>
      </LinkForm>
    );
  return (
    <div className="dialog-form">
      <div className="dialog-body">
        <p ref={text} tabIndex={-1}>
          <strong>Saved as {printable(saved.path)}.</strong>
        </p>
        <p>
          {saved.files === 1 ? 'Its link works' : `The first of its ${saved.files} links ends`}{' '}
          {saved.files === 1 && 'until '}
          {formatDeadline(saved.endsAtMs)}
          {saved.mayEndSooner && ' at most'}.
        </p>
        {saved.mayEndSooner && <p>{MAY_END_SOONER}</p>}
        <p className="muted">
          Links cannot be recalled; anyone who has the page can use them. Each is in your list of
          links.
        </p>
      </div>
      <footer className="dialog-foot">
        <Button look="main" onClick={onClose}>
          Done
        </Button>
      </footer>
    </div>
  );
}
