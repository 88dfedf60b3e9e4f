import type { ApiOutput, FolderView } from '#shared/api.ts';
import { count, printable } from '#shared/format.ts';
import { shelfWords } from '#shared/recording.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Name } from '../../components/Name.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { useFocusOn } from '../../hooks/useFocusOn.ts';
import { tellError, whyLeft } from '../../words/failures.ts';
import { lastPart } from '../../words/places.ts';

export type Elsewhere = ApiOutput<'storedElsewhere'>;

type Props = Readonly<{ folder: FolderView; elsewhere: Elsewhere; onClose: () => void }>;

const list = new Intl.ListFormat('en');
const fromWords = ({ owners }: Elsewhere) => printable(list.format(owners));

/** What its dialog is called and begins with. */
export const staysTitle = (elsewhere: Elsewhere): string =>
  `${count(elsewhere.files, 'recording')} ${elsewhere.files === 1 ? 'stays' : 'stay'} in ${fromWords(elsewhere)}`;
export const savedText = ({ rule }: FolderView): string =>
  `The folder is saved: new recordings go to ${printable(shelfWords(rule))}.`;

/**
 * After a folder was given another class: what went to the former one stays there, which is right for a new term
 * and wrong after a slip. Only a person knows which it was.
 */
export function StoredElsewhere({ folder, elsewhere, onClose }: Props) {
  const { show } = useNotices();
  const { rule } = folder;
  const { files } = elsewhere;
  const to = printable(shelfWords(rule));
  const from = fromWords(elsewhere);
  const isOne = files === 1;
  const send = useAction(() => api.sendStoredElsewhere({ id: folder.id }), {
    changes: ['status', 'jobs', 'causes'],
    onDone({ taken, left }) {
      const said = [
        taken > 0 &&
          `${count(taken, 'recording')} ${taken === 1 ? 'is' : 'are'} in the queue for ${to}.`,
        // The dialog, which says why, may be closed by now.
        left.length > 0 &&
          `${count(left.length, 'file')} could not be taken: ${left.length === 1 ? 'it stays' : 'they stay'} in ${from} alone.`,
      ];
      show(said.filter(Boolean).join(' '));
      if (left.length === 0) onClose();
    },
  });
  const left = send.data?.left ?? [];
  const leave = useFocusOn<HTMLButtonElement>(folder.id);
  return (
    <div className="dialog-form">
      <div className="dialog-body">
        <p>
          If {from} was right for {isOne ? 'it' : 'them'}, there is nothing to do. If it was a
          mistake, send {isOne ? 'it' : 'them'} to {to} as well. Nothing is deleted by that: once{' '}
          {isOne ? 'it is' : 'they are'} in {to}, you can delete what is in {from} in the Library.
        </p>
        {send.isPending && (
          <p className="said" role="status">
            Making sure that nothing is still writing them, which takes some seconds.
          </p>
        )}
        {left.length > 0 && (
          <ul className="files-chosen" aria-label="Not sent">
            {left.map(({ path, why }) => (
              <li key={path}>
                <Name text={lastPart(path)} />
                <p className="said">{whyLeft(why)}</p>
              </li>
            ))}
          </ul>
        )}
        {send.error && <Trouble telling={tellError(send.error)} />}
      </div>
      <footer className="dialog-foot">
        <Button ref={leave} onClick={onClose}>
          {left.length > 0 || send.isPending
            ? 'Close'
            : `Leave ${isOne ? 'it' : 'them'} in ${from}`}
        </Button>
        <Button isBusy={send.isPending} onClick={() => send.mutate(undefined)}>
          {left.length > 0 ? 'Try again' : `Send ${isOne ? 'it' : 'them'} to ${to}, too`}
        </Button>
      </footer>
    </div>
  );
}
