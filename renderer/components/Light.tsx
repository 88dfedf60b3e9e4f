import { CircleCheckBig, CircleHelp, Hourglass } from 'lucide-react';
import type { StatusView } from '#shared/api.ts';
import { megabitWords } from '#shared/upload-limit.ts';

type Props = Readonly<{
  status: StatusView | undefined;
  /** Nothing was heard from the engine: what is known may be old. */
  isSilent: boolean;
}>;

/** "May I close the lid?", always in sight: by shape, word and colour, with its reason. */
export function Light({ status, isSilent }: Props) {
  if (status === undefined || isSilent)
    return (
      <aside className="light light-unknown" aria-label="Safe to leave?">
        <CircleHelp className="icon" aria-hidden />
        <p>
          <strong>{isSilent ? 'Not known now' : 'Looking…'}</strong>{' '}
          {isSilent ? 'Pan-Sea Sync is not answering.' : 'Asking how far the uploads are.'}
        </p>
      </aside>
    );
  const { safeToLeave, reason, uploadLimit } = status;
  const Icon = safeToLeave ? CircleCheckBig : Hourglass;
  return (
    <aside
      className={`light ${safeToLeave ? 'light-safe' : 'light-not'}`}
      aria-label="Safe to leave?"
    >
      <Icon className="icon" aria-hidden />
      <p>
        <strong>{safeToLeave ? 'Safe to leave' : 'Not safe to leave yet'}</strong>{' '}
        {reason[0]?.toUpperCase()}
        {reason.slice(1)}
        {!reason.endsWith('.') && '.'}
        {uploadLimit !== null && (
          <span className="light-note">
            Uploads are held to <a href="#settings">{megabitWords(uploadLimit)}</a>.
          </span>
        )}
      </p>
    </aside>
  );
}
