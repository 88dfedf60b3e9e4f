import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { FolderView } from '#shared/api.ts';
import { count, formatBytes } from '#shared/format.ts';
import { MOST_BY_HAND, type ChosenFile } from '#shared/api/queue-view.ts';
import { destination } from '#shared/recording.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { DialogForm } from '../../components/DialogForm.tsx';
import { LockedBody } from '../../components/LockedBody.tsx';
import { Name } from '../../components/Name.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { useStatus } from '../../hooks/useStatus.ts';
import { tellError, whyLeft, type WhyLeft } from '../../words/failures.ts';
import { DestinationFields, wrongInPlace, type Place } from '../settings/DestinationFields.tsx';

type Props = Readonly<{
  isOpen: boolean;
  files: readonly ChosenFile[];
  /** Of files that were dropped: their folder may be meant. */
  onFollow?: (() => void) | undefined;
  onClose: () => void;
}>;

/** So many are shown by name. */
const NAMED = 6;

/** Files that a person sends once. Nothing is sent before "Upload". */
export function UploadDialog(props: Props) {
  const { isOpen, onClose } = props;
  const isLocked = useStatus().data?.school?.mayAddFolders === false;
  const { data: folders } = useQuery({
    queryKey: ['folders'],
    queryFn: () => api.listFolders({}),
    enabled: isOpen && !isLocked,
  });
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      isWide
      title="Upload files"
      description={
        isLocked
          ? undefined
          : 'They are copied to the storage once. The files here stay as they are.'
      }
    >
      {isLocked ? (
        <LockedBody lock="files" onClose={onClose} />
      ) : (
        folders && <Form {...props} start={likely(folders)} />
      )}
    </Dialog>
  );
}

/** Of several classes none is guessed. */
function likely(folders: readonly FolderView[]): Place {
  const classes = new Set(folders.flatMap(({ rule }) => rule.classId ?? []));
  const [classId = ''] = classes.size === 1 ? classes : [];
  return { kind: 'audio', classId, userId: folders.at(-1)?.rule.userId ?? '' };
}

function Form({ files, onFollow, onClose, start }: Props & Readonly<{ start: Place }>) {
  const [place, setPlace] = useState(start);
  /** What an upload could not take. */
  const [left, setLeft] = useState<ReadonlyMap<string, WhyLeft>>();
  const { show } = useNotices();
  const to = destination.safeParse(place).data;
  const isTooMany = files.length > MOST_BY_HAND;
  const upload = useAction(api.uploadFiles, {
    changes: ['status', 'jobs', 'causes'],
    onDone(answer, { paths }) {
      const taken = paths.length - answer.left.length;
      const leftOut =
        answer.left.length > 0 ? ` ${count(answer.left.length, 'file')} could not be taken.` : '';
      // Of those that were left out the dialog says why.
      if (taken > 0)
        show(`${count(taken, 'file')} ${taken === 1 ? 'is' : 'are'} in the queue.${leftOut}`);
      setLeft(new Map(answer.left.map(({ path, why }) => [path, why])));
      if (answer.left.length === 0) onClose();
    },
  });
  const shown = left ? files.filter(({ path }) => left.has(path)) : files;
  const wrong = wrongInPlace(place);
  const isRight = to !== undefined && !isTooMany && !wrong.classId && !wrong.userId;
  return (
    <DialogForm
      verb="Upload"
      isReady={isRight}
      isBusy={upload.isPending}
      closeVerb={left || upload.isPending ? 'Close' : 'Cancel'}
      aside={
        <>
          {upload.isPending && (
            <p className="said foot-said" role="status">
              Making sure that nothing is still writing them, which takes some seconds. Should
              Pan-Sea Sync end before that, it goes on with the next start.
            </p>
          )}
          {onFollow && !left && !upload.isPending && (
            <Button className="foot-start" onClick={onFollow}>
              Follow their folder instead
            </Button>
          )}
        </>
      }
      onClose={onClose}
      onSubmit={() => {
        if (to) upload.mutate({ paths: shown.map(({ path }) => path), to });
      }}
    >
      {isTooMany && (
        <p className="said">
          {count(files.length, 'file')} are too many at once: choose {MOST_BY_HAND} at most, or
          follow their folder.
        </p>
      )}
      <ul className="files-chosen" aria-label="Files">
        {shown.slice(0, NAMED).map(({ path, name, sizeBytes }) => (
          <li key={path}>
            <Name text={name} />
            <span className="muted">{sizeBytes === null ? '' : formatBytes(sizeBytes)}</span>
            {left && <p className="said">{whyLeft(left.get(path)!)}</p>}
          </li>
        ))}
        {shown.length > NAMED && (
          <li className="muted">and {count(shown.length - NAMED, 'more file')}</li>
        )}
      </ul>
      <DestinationFields
        legend="What they are"
        place={place}
        onPlace={setPlace}
        classHint="The class that they belong to."
        isClassRequired
      />
      {upload.error && <Trouble telling={tellError(upload.error)} />}
    </DialogForm>
  );
}
