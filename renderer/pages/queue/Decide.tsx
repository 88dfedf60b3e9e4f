/** @file What a person decides about an upload that waits: as it is, not at all, or after all. */
import type { ApiOutput, JobView } from '#shared/api.ts';
import type { ErrorCode } from '#shared/errors.ts';
import { count, printable } from '#shared/format.ts';
import type { HoldReason } from '#shared/job.ts';
import { api } from '../../api.ts';
import { Ask } from '../../components/Dialog.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { tellError } from '../../words/failures.ts';

const CHANGES = ['jobs', 'causes', 'status'];

/** One upload, or all that wait for the same reason. `ids` is empty for all of them. */
export type Those = Readonly<{
  ids: readonly number[];
  code?: ErrorCode | HoldReason;
  /** The name, or how many. */
  who: string;
  files: number;
}>;

export function oneJob({ id, name }: Pick<JobView, 'id' | 'name'>): Those {
  return { ids: [id], who: printable(name), files: 1 };
}

export function useSendFirst() {
  const { show } = useNotices();
  return useAction(({ ids }: Those) => api.sendFirst({ ids: [...ids] }), {
    changes: CHANGES,
    onDone: ({ moved }, { who }) =>
      show(moved > 0 ? `${who} is sent before the others.` : `${who} has had its turn already.`),
  });
}

export function useUploadAnyway() {
  const { show } = useNotices();
  return useAction(
    ({ ids, code }: Those) =>
      api.uploadAnyway({ ids: [...ids], ...(code && { code: code as HoldReason }) }),
    {
      changes: CHANGES,
      onDone: ({ released }, { files, who }) =>
        show(
          released === files
            ? `${who} ${files === 1 ? 'goes' : 'go'} up as ${files === 1 ? 'it is' : 'they are'}.`
            : `${count(files - released, 'file')} still ${files - released === 1 ? 'needs' : 'need'} a class.`,
        ),
    },
  );
}

export function useSendAgain() {
  const { show } = useNotices();
  return useAction(({ ids }: Those) => api.sendAgain({ ids: [...ids] }), {
    changes: CHANGES,
    onDone: (done, { who }) => show(sentAgainWords(done, who)),
  });
}

function sentAgainWords({ sent, held }: ApiOutput<'sendAgain'>, who: string): string {
  if (sent > 0) return `${who} goes up after all.`;
  if (held > 0) return `${who} still needs a class.`;
  return `${who} is stored, or on its way, by another entry of the queue.`;
}

/** Asks first: what is dismissed is not uploaded. */
export function DismissDialog({
  those,
  onClose,
}: Readonly<{ those: Those | null; onClose: () => void }>) {
  const { show } = useNotices();
  const dismiss = useAction(
    ({ ids, code }: Those) => api.dismissJobs({ ids: [...ids], ...(code && { code }) }),
    {
      changes: CHANGES,
      onDone({ dismissed }, { who, files }) {
        show(
          `${dismissed === files ? who : count(dismissed, 'file')} will not be uploaded. Nothing was deleted.`,
        );
        onClose();
      },
    },
  );
  const isOne = those?.files === 1;
  return (
    <Ask
      isOpen={those !== null}
      onClose={() => {
        dismiss.reset();
        onClose();
      }}
      title={isOne ? 'Do not upload this recording?' : 'Do not upload these recordings?'}
      description={
        <strong className="dialog-name" dir="auto">
          {those?.who}
        </strong>
      }
      verb="Dismiss"
      isBusy={dismiss.isPending}
      onConfirm={() => those && dismiss.mutate(those)}
      failure={dismiss.error && <Trouble telling={tellError(dismiss.error)} />}
    >
      <ul className="facts">
        <li>{isOne ? 'It will' : 'They will'} not be in the storage.</li>
        <li>Nothing on this computer is touched.</li>
        <li>If {isOne ? 'it changes, the' : 'one changes, its'} new version goes up.</li>
        <li>“Dismissed” lists {isOne ? 'it' : 'them'}, to be sent again.</li>
      </ul>
    </Ask>
  );
}
