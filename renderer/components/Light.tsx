import { withCapital } from '#shared/format.ts';
import { CircleCheckBig, CircleHelp, FolderPlus, Hourglass, type LucideIcon } from 'lucide-react';
import type { StatusView } from '#shared/api.ts';
import { megabitWords } from '#shared/upload-limit.ts';

type Props = Readonly<{
  status: StatusView | undefined;
  /** Nothing was heard from the engine: what is known may be old. */
  isSilent: boolean;
}>;

type Stand = 'safe' | 'not' | 'unused';

const looks: Record<Stand, { icon: LucideIcon; look: string; words: string }> = {
  safe: { icon: CircleCheckBig, look: 'light-safe', words: 'Safe to leave' },
  not: { icon: Hourglass, look: 'light-not', words: 'Not safe to leave yet' },
  // Green would be said of recordings that nobody looks after.
  unused: { icon: FolderPlus, look: 'light-unknown', words: 'No folder is followed' },
};

const stand = ({ safeToLeave, isUnused }: StatusView): Stand =>
  isUnused ? 'unused' : safeToLeave ? 'safe' : 'not';

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
  const { reason, ifLeft, refuted, uploadLimit } = status;
  const { icon: Icon, look, words } = looks[stand(status)];
  return (
    <aside className={`light ${look}`} aria-label="Safe to leave?">
      <Icon className="icon" aria-hidden />
      <p>
        <strong>{words}</strong> {withCapital(reason)}
        {!reason.endsWith('.') && '.'}
        {ifLeft !== '' && (
          <>
            {' '}
            <span className="light-note">{ifLeft}</span>
          </>
        )}
        {refuted > 0 && (
          <>
            {' '}
            <span className="light-note">
              <a href="#settings/audit">See which</a>
            </span>
          </>
        )}
        {uploadLimit !== null && (
          <>
            {' '}
            <span className="light-note">
              Uploads are held to <a href="#settings">{megabitWords(uploadLimit)}</a>.
            </span>
          </>
        )}
      </p>
    </aside>
  );
}
