import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { LinkView } from '#shared/api/stored.ts';
import { formatDeadline, printable } from '#shared/format.ts';
import { lostLinksText } from '#shared/link.ts';
import { schoolLocks } from '#shared/school.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Failure } from '../../components/Failure.tsx';
import { SetBySchool } from '../../components/SetBySchool.tsx';
import { TurnedOff } from '../../components/TurnedOff.tsx';
import { useDenied } from '../../hooks/useDenied.ts';
import { useStatus } from '../../hooks/useStatus.ts';
import { pageHeading } from '../../hooks/useView.ts';
import { DeleteDialog } from '../library/DeleteDialog.tsx';
import { Which } from './LinkDialog.tsx';

type Props = Readonly<{
  /** The dialog is open while there is one. */
  link: LinkView | undefined;
  onClose: () => void;
}>;

/** For who has sent a link to the wrong person: what ends it, what does not, and the way to it. */
export function StopDialog({ link, onClose }: Props) {
  // While it closes it still says what it was about.
  const [shown, setShown] = useState(link);
  const [isDeleting, setDeleting] = useState(false);
  /** Its row has lost the button that opened this. */
  const [isDeleted, setDeleted] = useState(false);
  if (link !== undefined && shown !== link) {
    setShown(link);
    setDeleted(false);
  }
  const { data, error, isFetching } = useQuery({
    queryKey: ['object', shown?.key],
    queryFn: () => api.getObject({ key: shown!.key }),
    enabled: link !== undefined,
    // Anew: other links may have been made since.
    staleTime: 0,
  });
  const mayDelete = !useDenied('s3:DeleteObject');
  const isLocked = useStatus().data?.school?.mayDelete === false;
  if (shown === undefined) return null;
  return (
    <Dialog
      isOpen={link !== undefined}
      onClose={onClose}
      finalFocus={() => (isDeleted ? pageHeading() : null)}
      title="Stop this link"
      description={
        <>
          <span className="dialog-name" dir="auto">
            {printable(shown.name)}
          </span>
          <Which objectKey={shown.key} />
        </>
      }
    >
      <div className="dialog-body">
        <p>
          It works until {formatDeadline(shown.expiresAtMs)}
          {shown.mayEndSooner && ' at most'}.{' '}
          <strong>To end it now, delete its recording from the storage.</strong>
        </p>
        <ul className="facts">
          <li>
            {data === undefined || isFetching
              ? 'All other links to the recording end, too.'
              : lostLinksText(
                  data.links.filter(({ id }) => id !== shown.id),
                  'other',
                )}
          </li>
          <li>What somebody has saved meanwhile stays with them.</li>
          <li>
            Where the file is still on a computer, it can be uploaded again with “Upload files…”. No
            former link leads there.
          </li>
          <li>Should the recording be brought back later, links to it work until they end.</li>
          <li>
            If it has to stay, an admin can end the access key that has signed the link. All links
            and uploads of that key end, too.
          </li>
        </ul>
        {error && <Failure error={error} />}
        {isLocked ? (
          <SetBySchool what={schoolLocks.delete} />
        ) : (
          !mayDelete && <TurnedOff action="s3:DeleteObject" />
        )}
      </div>
      <footer className="dialog-foot">
        <Button onClick={onClose}>Leave it as it is</Button>
        {mayDelete && !isLocked && (
          <Button look="danger" disabled={data === undefined} onClick={() => setDeleting(true)}>
            Delete its recording…
          </Button>
        )}
      </footer>
      {data && (
        <DeleteDialog
          object={data}
          name={shown.name}
          isOpen={link !== undefined && isDeleting}
          onClose={() => setDeleting(false)}
          onDeleted={() => {
            setDeleted(true);
            onClose();
          }}
        />
      )}
    </Dialog>
  );
}
