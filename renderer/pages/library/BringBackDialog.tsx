import { useState } from 'react';
import type { ApiOutput } from '#shared/api.ts';
import type { DeletedView } from '#shared/api/deleted.ts';
import { AppError } from '#shared/errors.ts';
import { count, formatBytes, printable } from '#shared/format.ts';
import { api } from '../../api.ts';
import { Ask } from '../../components/Dialog.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { tellBringBack } from '../../words/failures.ts';
import { lastPart } from '../../words/places.ts';

type Props = Readonly<{
  wanted: readonly DeletedView[];
  isOpen: boolean;
  onClose: () => void;
  onDone: () => void;
}>;

/** In one call: it is told after each how far it is. */
const TOGETHER = 50;

async function inTurns(keys: readonly string[], onDone: (keys: number) => void) {
  let restored = 0;
  const failed: ApiOutput<'bringBack'>['failed'] = [];
  for (let at = 0; at < keys.length; at += TOGETHER) {
    onDone(at);
    const some = await api.bringBack({ keys: keys.slice(at, at + TOGETHER) });
    restored += some.restored;
    failed.push(...some.failed);
  }
  return { restored, failed };
}

const nameOf = ({ name, key }: DeletedView): string => printable(name ?? lastPart(key));

/** Nothing is lost by it; but what was deleted, and links to it, can be had again. */
export function BringBackDialog({ wanted, isOpen, onClose, onDone }: Props) {
  const { show } = useNotices();
  // While it closes it still says what it was about.
  const [shown, setShown] = useState(wanted);
  if (isOpen && shown !== wanted && wanted.length > 0) setShown(wanted);
  const [first] = shown;
  const isOne = shown.length === 1;
  const [done, setDone] = useState(0);
  const back = useAction((keys: readonly string[]) => inTurns(keys, setDone), {
    changes: ['deleted', 'owners', 'objects', 'links'],
    onDone({ restored, failed }) {
      if (restored > 0)
        show(
          isOne && first
            ? `${nameOf(first)} is back in the library.`
            : `${count(restored, 'recording')} ${restored === 1 ? 'is' : 'are'} back in the library.`,
        );
      if (failed.length > 0) return;
      onClose();
      onDone();
    },
  });
  const codes = [...new Set(back.data?.failed.map(({ code }) => code))];
  const sizeBytes = shown.reduce((sum, one) => sum + one.sizeBytes, 0);
  return (
    <Ask
      isOpen={isOpen}
      onClose={() => {
        back.reset();
        onClose();
      }}
      title={
        isOne ? 'Bring this recording back?' : `Bring back ${count(shown.length, 'recording')}?`
      }
      description={
        <>
          {isOne && first && (
            <strong className="dialog-name" dir="auto">
              {nameOf(first)}
            </strong>
          )}
          <span className="dialog-key">{formatBytes(sizeBytes)}</span>
        </>
      }
      verb={isOne ? 'Bring back' : `Bring back ${count(shown.length, 'recording')}`}
      isHarmless
      isBusy={back.isPending}
      onConfirm={() => back.mutate(shown.map(({ key }) => key))}
      failure={
        <>
          {back.error && <Trouble telling={tellBringBack(back.error)} />}
          {codes.map((code) => (
            <Trouble key={code} telling={tellBringBack(new AppError(code))} />
          ))}
        </>
      }
    >
      <ul className="facts">
        <li>
          {isOne ? 'It is' : 'They are'} in the library again, as {isOne ? 'it was' : 'they were'}{' '}
          when {isOne ? 'it was' : 'they were'} deleted. Nothing is uploaded.
        </li>
        {back.isPending && shown.length > TOGETHER && (
          <li className="num">
            {done} of {shown.length} so far
          </li>
        )}
        <li>Links to {isOne ? 'it' : 'them'} that have not ended work again.</li>
      </ul>
    </Ask>
  );
}
