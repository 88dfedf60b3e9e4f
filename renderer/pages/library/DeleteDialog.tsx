import { useQuery } from '@tanstack/react-query';
import type { ApiOutput } from '#shared/api.ts';
import { filePlaceWords, type ObjectDetails } from '#shared/api/stored.ts';
import { formatBytes, formatDate, printable } from '#shared/format.ts';
import { lostLinksText } from '#shared/link.ts';
import { DAY_MS } from '#shared/time.ts';
import { api } from '../../api.ts';
import { Ask } from '../../components/Dialog.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { useDenied } from '../../hooks/useDenied.ts';
import { tellDelete } from '../../words/failures.ts';

type Props = Readonly<{
  object: ObjectDetails;
  name: string;
  isOpen: boolean;
  onClose: () => void;
  onDeleted: () => void;
}>;

/** Deleting in the storage is a verb of its own, and says beforehand what stays and what can be undone. */
export function DeleteDialog({ object, name, isOpen, onClose, onDeleted }: Props) {
  const { show } = useNotices();
  // Anew: the panel behind it may have been open for hours.
  const now = useQuery({
    queryKey: ['object', object.key, 'now'],
    queryFn: () => api.getObject({ key: object.key }),
    enabled: isOpen,
    staleTime: 0,
  });
  const file = now.error ? 'unreachable' : now.data?.file;
  const isLooking = now.isFetching || file === undefined;
  const shown = printable(name);
  const hasVersions = object.versionId !== null && object.versionId !== 'null';
  const { key, sizeBytes } = object;
  const kept = useQuery({
    queryKey: ['kept', key],
    queryFn: () => api.getKept({ key, sizeBytes }),
    enabled: isOpen && hasVersions,
    staleTime: 0,
  });
  const mayBringBack = !useDenied('s3:DeleteObjectVersion');
  const isOurs = mayBringBack && isFromHere(kept.data);
  const remove = useAction(() => api.deleteObject({ key: object.key }), {
    changes: ['owners', 'objects', 'links'],
    onDone({ recoverable }) {
      const way = isOurs ? BACK_FROM_HERE : BACK_BY_ADMIN;
      show(`${shown} is deleted from the storage.${recoverable ? ` ${way}` : ''}`);
      onClose();
      onDeleted();
    },
  });
  return (
    <Ask
      isOpen={isOpen}
      onClose={() => {
        remove.reset();
        onClose();
      }}
      title="Delete this recording from the storage?"
      description={
        <>
          <strong className="dialog-name" dir="auto">
            {shown}
          </strong>
          <span className="dialog-key">
            {formatBytes(object.sizeBytes)} · {printable(object.key)}
          </span>
        </>
      }
      verb={hasVersions ? 'Delete from storage' : 'Delete for good'}
      isBusy={remove.isPending || isLooking}
      onConfirm={() => remove.mutate(undefined)}
      failure={remove.error && <Trouble telling={tellDelete(remove.error)} />}
    >
      <ul className="facts">
        <li>
          {isLooking ? 'Looking whether its file is still on this computer…' : filePlaceWords[file]}
        </li>
        <li>
          {hasVersions
            ? kept.isFetching
              ? 'The storage keeps old versions…'
              : keptText(kept.data, isOurs)
            : 'The storage keeps no old versions: this cannot be undone.'}
        </li>
        <li>
          {now.data && !isLooking ? lostLinksText(now.data.links) : 'Links to it stop working.'}
        </li>
      </ul>
    </Ask>
  );
}

const BACK_FROM_HERE = 'It can be brought back from Deleted recordings.';
const BACK_BY_ADMIN = 'An admin can bring it back while the storage keeps it.';

/** Who may see that versions are kept need not be one who may list them. */
const isFromHere = (kept: ApiOutput<'getKept'> | undefined): boolean =>
  kept?.versioning === 'on' && kept.maySee;

/**
 * @param kept `undefined` where it could not be asked for.
 * @param isOurs Whether this account can bring it back, as far as is known.
 */
function keptText(kept: ApiOutput<'getKept'> | undefined, isOurs: boolean): string {
  if (kept?.versioning === 'suspended')
    return 'The storage keeps its old version: an admin can bring it back, in the storage’s console.';
  if (!isOurs)
    return 'The storage keeps its old version. An admin can bring it back, as long as the rules of the bucket let it.';
  if (kept?.days != null)
    return `It can be brought back until ${formatDate(Date.now() + kept.days * DAY_MS)}, from Deleted recordings. After that it is gone for good.`;
  return kept?.isKnown
    ? 'The storage keeps old versions: it can be brought back, from Deleted recordings.'
    : 'The storage keeps old versions: it can be brought back, from Deleted recordings, as long as the rules of the bucket let it. They cannot be seen from here.';
}
