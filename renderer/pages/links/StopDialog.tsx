import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { LinkView } from '#shared/api/stored.ts';
import { printable } from '#shared/format.ts';
import { schoolLocks } from '#shared/school.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { SetBySchool } from '../../components/SetBySchool.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { TurnedOff } from '../../components/TurnedOff.tsx';
import { useDenied } from '../../hooks/useDenied.ts';
import { useStatus } from '../../hooks/useStatus.ts';
import { tellAsked } from '../../words/failures.ts';
import { formatDeadline } from '../../words/time.ts';
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
  if (link !== undefined && shown !== link) setShown(link);
  const [isDeleting, setDeleting] = useState(false);
  const { data, error } = useQuery({
    queryKey: ['object', shown?.key],
    queryFn: () => api.getObject({ key: shown!.key }),
    enabled: link !== undefined,
  });
  const mayDelete = !useDenied('s3:DeleteObject');
  const isLocked = useStatus().data?.school?.mayDelete === false;
  if (shown === undefined) return null;
  const close = () => {
    setDeleting(false);
    onClose();
  };
  return (
    <>
      <Dialog
        isOpen={link !== undefined && !isDeleting}
        onClose={close}
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
          <ul className="facts">
            <li>
              A link that was sent cannot be taken back by itself: it works until{' '}
              {formatDeadline(shown.expiresAtMs)}
              {shown.mayEndSooner && ' at most'}.
            </li>
            <li>
              What ends it now is deleting its recording from the storage. All other links to it end
              with it. What somebody has saved meanwhile stays with them. Should it be brought back
              later, they work again until they end.
            </li>
            <li>
              Where the file is still on a computer, it can be uploaded again afterwards, with
              “Upload files…”: it gets another address, and no former link leads there.
            </li>
            <li>
              If the recording has to stay, an admin can end the access key that has signed the
              link. All links and uploads of that key end with it.
            </li>
          </ul>
          {error && <Trouble telling={tellAsked(error)} />}
          {isLocked ? (
            <SetBySchool what={schoolLocks.delete} />
          ) : (
            !mayDelete && <TurnedOff action="s3:DeleteObject" />
          )}
        </div>
        <footer className="dialog-foot">
          <Button onClick={close}>Leave it as it is</Button>
          {mayDelete && !isLocked && (
            <Button look="danger" disabled={data === undefined} onClick={() => setDeleting(true)}>
              Delete its recording…
            </Button>
          )}
        </footer>
      </Dialog>
      {data && (
        <DeleteDialog
          object={data}
          name={shown.name}
          isOpen={link !== undefined && isDeleting}
          onClose={close}
          onDeleted={close}
        />
      )}
    </>
  );
}
