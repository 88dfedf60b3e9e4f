import { useQuery } from '@tanstack/react-query';
import { Download, Link2, ShieldCheck, ShieldQuestionMark, Trash2, X } from 'lucide-react';
import { useId, useState } from 'react';
import type { ObjectDetails } from '#shared/api/stored.ts';
import { encryptionText } from '#shared/encryption.ts';
import { formatBytes, formatTime, printable } from '#shared/format.ts';
import { parseObjectKey } from '#shared/recording.ts';
import { isOpen } from '#shared/restore.ts';
import { schoolLocks } from '#shared/school.ts';
import { storageClasses, storageClassTerms } from '#shared/storage-class.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Failure } from '../../components/Failure.tsx';
import { CopyButton } from '../../components/CopyButton.tsx';
import { SetBySchool } from '../../components/SetBySchool.tsx';
import { ShowCommand } from '../../components/ShowCommand.tsx';
import { TurnedOff } from '../../components/TurnedOff.tsx';
import { useDenied } from '../../hooks/useDenied.ts';
import { useStatus } from '../../hooks/useStatus.ts';
import { Fact } from '../../components/Fact.tsx';
import { useEscape } from '../../hooks/useEscape.ts';
import { useFocusOn } from '../../hooks/useFocusOn.ts';
import { RESTORING_LOOK_MS } from '../../hooks/useShelf.ts';
import { kindWords, lastPart } from '../../words/places.ts';
import { LinkDialog } from '../links/LinkDialog.tsx';
import { DeleteDialog } from './DeleteDialog.tsx';
import { DownloadButton } from './Downloads.tsx';
import { Preview } from './Preview.tsx';
import { Shelf } from './Shelf.tsx';

type Props = Readonly<{ objectKey: string; onClose: () => void }>;

/** Beside the list: what is known of one object, and what can be done with it. */
export function Details({ objectKey, onClose }: Props) {
  const heading = useFocusOn<HTMLHeadingElement>(objectKey);
  const panel = useEscape<HTMLElement>(onClose);
  const { data, error, refetch } = useQuery({
    queryKey: ['object', objectKey],
    queryFn: () => api.getObject({ key: objectKey }),
    refetchInterval: ({ state }) =>
      state.data?.readability.kind === 'restoring' ? RESTORING_LOOK_MS : false,
  });
  const name = data?.metadata['original_filename'] ?? lastPart(objectKey);
  return (
    <aside ref={panel} className="details" aria-label="Details">
      <header>
        <h2 ref={heading} tabIndex={-1}>
          <bdi>{printable(name)}</bdi>
        </h2>
        <Button look="plain" className="button-icon" aria-label="Close details" onClick={onClose}>
          <X className="icon" aria-hidden />
        </Button>
      </header>
      {error ? (
        <Failure error={error} onRetry={refetch} />
      ) : data ? (
        <Known object={data} name={name} onClose={onClose} />
      ) : (
        <p className="muted">Asking the storage…</p>
      )}
    </aside>
  );
}

type KnownProps = Readonly<{ object: ObjectDetails; name: string; onClose: () => void }>;

function Known({ object, name, onClose }: KnownProps) {
  const [open, setOpen] = useState<'link' | 'delete'>();
  const { key, sizeBytes, contentType, storageClass, versionId, metadata, lastModifiedMs } = object;
  const off = useId();
  const shelf = useId();
  const mayRead = !useDenied('s3:GetObject');
  const mayDelete = !useDenied('s3:DeleteObject');
  const isOpenable = isOpen(object.readability);
  const isReadable = isOpenable && mayRead;
  const reason = mayRead ? shelf : off;
  const status = useStatus();
  const place = parseObjectKey(key);
  const recordedAtMs = Date.parse(metadata['recorded_at'] ?? '');
  return (
    <>
      <div className="buttons">
        <Button
          look="main"
          disabled={!isReadable}
          aria-describedby={isReadable ? undefined : reason}
          onClick={() => setOpen('link')}
        >
          <Link2 className="icon" aria-hidden />
          Make link
        </Button>
        {isReadable ? (
          <DownloadButton objectKey={key} />
        ) : (
          <Button disabled aria-describedby={reason}>
            <Download className="icon" aria-hidden />
            Download
          </Button>
        )}
      </div>
      {!mayRead && <TurnedOff action="s3:GetObject" id={off} />}
      <Shelf object={object} name={name} id={shelf} />
      {isReadable && <Preview object={object} name={name} />}
      <Verdict object={object} />
      <dl>
        {place && <Fact term={kindWords[place.kind].owner}>{place.ownerId}</Fact>}
        <Fact term="Size">{formatBytes(sizeBytes)}</Fact>
        {!Number.isNaN(recordedAtMs) && <Fact term="Recorded">{formatTime(recordedAtMs)}</Fact>}
        <Fact term="Stored">{formatTime(lastModifiedMs)}</Fact>
        {metadata['user_id'] && <Fact term="By">{printable(metadata['user_id'])}</Fact>}
        {contentType && <Fact term="Type">{printable(contentType)}</Fact>}
        {storageClass !== 'STANDARD' && <Fact term="Kept as">{classText(storageClass)}</Fact>}
        {object.encryption && (
          <Fact term="Encrypted">
            {printable(encryptionText(object.encryption, object.kmsKeyId))}
          </Fact>
        )}
      </dl>
      <details>
        <summary>For an admin</summary>
        <dl>
          <Fact term="Key">
            <code>{printable(key)}</code> <CopyButton text={key} what="Key" />
          </Fact>
          {object.checksum && (
            <Fact term="Checksum">
              <code>{object.checksum}</code>
            </Fact>
          )}
          {storageClass !== 'STANDARD' && (
            <Fact term="Storage class">
              <code>{printable(storageClass)}</code>
            </Fact>
          )}
          {versionId && (
            <Fact term="Version">
              <code>{printable(versionId)}</code>
            </Fact>
          )}
          {Object.entries(metadata).map(([term, value]) => (
            <Fact key={term} term={printable(term)}>
              <code>{printable(value)}</code>
            </Fact>
          ))}
        </dl>
      </details>
      <ShowCommand of={{ kind: 'object', key, isReadable }} />
      {status.data?.school?.mayDelete === false ? (
        <SetBySchool what={schoolLocks.delete} />
      ) : !mayDelete ? (
        <TurnedOff action="s3:DeleteObject" />
      ) : (
        <Button look="danger" className="details-delete" onClick={() => setOpen('delete')}>
          <Trash2 className="icon" aria-hidden />
          Delete from storage…
        </Button>
      )}
      <LinkDialog
        target={open === 'link' ? { key, name } : undefined}
        onClose={() => setOpen(undefined)}
      />
      <DeleteDialog
        object={object}
        name={name}
        isOpen={open === 'delete'}
        onClose={() => setOpen(undefined)}
        onDeleted={onClose}
      />
    </>
  );
}

function classText(storageClass: string): string {
  const known = storageClasses.find((name) => name === storageClass);
  return known ? storageClassTerms[known].title : printable(storageClass);
}

/** What the copy can be compared with. */
function Verdict({ object: { checksum, metadata } }: Readonly<{ object: ObjectDetails }>) {
  const hasSha = metadata['sha256'] !== undefined;
  const Icon = checksum !== null || hasSha ? ShieldCheck : ShieldQuestionMark;
  return (
    <p className={checksum !== null || hasSha ? 'verdict verdict-good' : 'verdict'}>
      <Icon className="icon" aria-hidden />
      <span>
        {checksum === null
          ? hasSha
            ? 'Each download is compared with the checksum that was noted at upload.'
            : 'There is no checksum: a download cannot be compared with anything.'
          : 'Each download is compared with the checksum that the storage keeps.'}
      </span>
    </p>
  );
}
