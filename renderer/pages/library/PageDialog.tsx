import type { ObjectView } from '#shared/api/stored.ts';
import { count, formatBytes, printable } from '#shared/format.ts';
import { MAY_END_SOONER } from '#shared/link.ts';
import { api } from '../../api.ts';
import { Dialog } from '../../components/Dialog.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { useFocusOn } from '../../hooks/useFocusOn.ts';
import { formatDeadline } from '../../words/time.ts';
import { LinkForm } from '../links/LinkForm.tsx';

type Props = Readonly<{
  isOpen: boolean;
  objects: readonly ObjectView[];
  onClose: () => void;
}>;

/** One page with a link to each of several recordings, saved as a file that a person sends. */
export function PageDialog({ isOpen, objects, onClose }: Props) {
  const bytes = objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title="A page of links"
      description={`${count(objects.length, 'recording')}, ${formatBytes(bytes)} together. The page is a file: send it as you send any other.`}
    >
      <SavePage objects={objects} onClose={onClose} />
    </Dialog>
  );
}

function SavePage({ objects, onClose }: Pick<Props, 'objects' | 'onClose'>) {
  const save = useAction(api.saveLinkPage, { changes: ['links'] });
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
      />
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
        <button type="button" className="button button-main" onClick={onClose}>
          Done
        </button>
      </footer>
    </div>
  );
}
