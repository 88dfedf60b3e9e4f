import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { MAY_END_SOONER, RENEWED } from '#shared/link.ts';
import type { ApiOutput } from '#shared/api.ts';
import type { LinkView } from '#shared/api/stored.ts';
import { formatBytes, formatDeadline, formatTime, printable } from '#shared/format.ts';
import { parseObjectKey } from '#shared/recording.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Countdown } from '../../components/Clock.tsx';
import { CopyButton } from '../../components/CopyButton.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { useFocusOn } from '../../hooks/useFocusOn.ts';
import { LinkForm } from './LinkForm.tsx';
import { LinkPreview } from './LinkPreview.tsx';

/** What to link to; `renews`: in the place of this link, and as that one unless a person changes it. */
export type LinkTarget = Readonly<{
  key: string;
  name: string;
  renews?: LinkView | undefined;
}>;

type Made = ApiOutput<'createLink'>;

/** The dialog is open while there is a target. */
export function LinkDialog({
  target,
  onClose,
}: Readonly<{ target: LinkTarget | undefined; onClose: () => void }>) {
  return (
    <Dialog
      isOpen={target !== undefined}
      onClose={onClose}
      title={target?.renews ? 'Renew the link' : 'Link to a recording'}
      description={
        target && (
          <>
            <span className="dialog-name" dir="auto">
              {printable(target.name)}
            </span>
            <Which objectKey={target.key} />
          </>
        )
      }
    >
      {target && <MakeLink key={target.key} target={target} onClose={onClose} />}
    </Dialog>
  );
}

/** Two recordings may well have the same name: whose it is, when it was recorded, and how large it is. */
export function Which({ objectKey }: Readonly<{ objectKey: string }>) {
  const { data } = useQuery({
    queryKey: ['object', objectKey],
    queryFn: () => api.getObject({ key: objectKey }),
  });
  const ownerId = parseObjectKey(objectKey)?.ownerId;
  const recordedAtMs = Date.parse(data?.metadata['recorded_at'] ?? '');
  const facts = [
    ownerId && printable(ownerId),
    data &&
      (Number.isNaN(recordedAtMs)
        ? `stored ${formatTime(data.lastModifiedMs)}`
        : `recorded ${formatTime(recordedAtMs)}`),
    data && formatBytes(data.sizeBytes),
  ];
  return <span className="dialog-key">{facts.filter(Boolean).join(' · ')}</span>;
}

function MakeLink({ target, onClose }: Readonly<{ target: LinkTarget; onClose: () => void }>) {
  const { renews } = target;
  const [lengthMs, setLength] = useState<number>();
  const create = useAction(api.createLink, { changes: ['links'] });
  if (create.data)
    return <TheLink made={create.data} isBeside={renews?.state === 'live'} onClose={onClose} />;
  return (
    <LinkForm
      like={renews}
      lengthMs={lengthMs}
      objectKey={target.key}
      verb={renews ? 'Renew' : 'Make link'}
      error={create.error}
      isBusy={create.isPending}
      onCancel={onClose}
      onSubmit={(choices) => create.mutate({ key: target.key, ...choices, renews: renews?.id })}
    >
      <LinkPreview objectKey={target.key} name={target.name} onLength={setLength} />
    </LinkForm>
  );
}

const limits: Record<Made['because'], string> = {
  asked: '',
  'seven-days': 'The storage allows seven days at most.',
  credentials: 'That is earlier than asked: the sign-in that signs links ends then.',
  copy: 'That is earlier than asked: the recording is archived, and its readable copy ends then.',
};

/** `isBeside`: the link that it renews works, too. */
type TheLinkProps = Readonly<{ made: Made; isBeside: boolean; onClose: () => void }>;

function TheLink({ made, isBeside, onClose }: TheLinkProps) {
  const { url, link, because } = made;
  const field = useFocusOn<HTMLTextAreaElement>(url);
  return (
    <div className="dialog-form">
      <div className="dialog-body">
        <div className="field">
          <label htmlFor="link-url">The link</label>
          <textarea
            id="link-url"
            ref={field}
            className="input link-url"
            readOnly
            rows={3}
            value={url}
            onFocus={(event) => event.target.select()}
          />
        </div>
        <p>
          <strong>
            Works until {formatDeadline(link.expiresAtMs)}
            {link.mayEndSooner && ' at most'}
          </strong>
          <span className="muted">
            {' — '}
            <Countdown
              untilMs={link.endsHereMs}
              before={link.mayEndSooner ? 'ends within' : 'ends in'}
              after="it has ended"
            />
            . {limits[because]}
          </span>
        </p>
        {link.mayEndSooner && <p>{MAY_END_SOONER}</p>}
        {isBeside && <p>{RENEWED}</p>}
        <p className="muted">It cannot be recalled; anyone who has it can use it.</p>
      </div>
      <footer className="dialog-foot">
        <Button onClick={onClose}>Done</Button>
        <CopyButton text={url} what="Link" isMain />
      </footer>
    </div>
  );
}
