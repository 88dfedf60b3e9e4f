import { useState } from 'react';
import { waysOn, type RefutedReason } from '#shared/audit.ts';
import { count } from '#shared/format.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Ask } from '../../components/Dialog.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { pageHeading } from '../../hooks/useView.ts';
import { tellError } from '../../words/failures.ts';

type Props = Readonly<{
  reason: RefutedReason;
  /** Recordings that nobody has decided about, at least one. */
  files: number;
}>;

/** The way on for stored recordings that an audit did not find as they were sent. */
export function SettleGone({ reason, files }: Props) {
  const [isAsking, setAsking] = useState(false);
  const { show } = useNotices();
  const settle = useAction((isAgain: boolean) => api.settleGone({ reason, isAgain, files }), {
    changes: ['audit', 'status', 'jobs', 'owners', 'objects', 'links'],
    onDone({ settled, there }, isAgain) {
      setAsking(false);
      pageHeading()?.focus();
      show(
        [
          settled > 0 && `${count(settled, 'recording')} ${outcome(settled === 1, isAgain)}.`,
          there > 0 && `${count(there, 'recording')} ${are(there)} in the storage after all.`,
        ]
          .filter(Boolean)
          .join(' '),
      );
    },
  });
  const { again, onPurpose } = waysOn[reason];
  const all = files === 1 ? '' : ` all ${files}`;
  const failure = settle.error && <Trouble telling={tellError(settle.error)} />;
  return (
    <div className="settle">
      <div className="buttons">
        {again && (
          <Button isSmall isBusy={settle.isPending} onClick={() => settle.mutate(true)}>
            Upload{all} again
          </Button>
        )}
        {onPurpose && (
          <Button look="plain" isSmall onClick={() => setAsking(true)}>
            Removed on purpose…
          </Button>
        )}
      </div>
      {!isAsking && failure}
      <Ask
        isOpen={isAsking}
        onClose={() => {
          settle.reset();
          setAsking(false);
        }}
        title={
          files === 1
            ? 'Was this recording removed on purpose?'
            : `Were these ${files} recordings removed on purpose?`
        }
        verb="Removed on purpose"
        isHarmless
        isBusy={settle.isPending}
        onConfirm={() => settle.mutate(false)}
        failure={failure}
      >
        <ul className="facts">
          <li>
            {files === 1
              ? 'It no longer counts as stored, and is not uploaded again by itself.'
              : 'They no longer count as stored, and are not uploaded again by themselves.'}
          </li>
          <li>Nothing on this computer is touched.</li>
          <li>The storage is asked once more: what is there after all stays as it is.</li>
        </ul>
      </Ask>
    </div>
  );
}

function outcome(isOne: boolean, isAgain: boolean): string {
  if (isAgain) return isOne ? 'goes up again' : 'go up again';
  return isOne ? 'no longer counts as stored' : 'no longer count as stored';
}

const are = (number: number): string => (number === 1 ? 'is' : 'are');
