import { useState } from 'react';
import type { DeletedView } from '#shared/api/deleted.ts';
import { AppError, type ErrorCode } from '#shared/errors.ts';
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

async function inTurns(wanted: readonly DeletedView[], onDone: (keys: number) => void) {
  const names = new Map(wanted.map((one) => [one.key, nameOf(one)]));
  let restored = 0;
  const failed: { code: ErrorCode; name: string }[] = [];
  for (let at = 0; at < wanted.length; at += TOGETHER) {
    onDone(at);
    const keys = wanted.slice(at, at + TOGETHER).map(({ key }) => key);
    const some = await api.bringBack({ keys });
    restored += some.restored;
    for (const { key, code } of some.failed) failed.push({ code, name: names.get(key) ?? key });
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
  const back = useAction((all: readonly DeletedView[]) => inTurns(all, setDone), {
    changes: ['deleted', 'owners', 'objects', 'links', 'storage-facts'],
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
  const failed = back.data?.failed ?? [];
  const codes = [...new Set(failed.map(({ code }) => code))];
  const namesOf = (code: ErrorCode): string =>
    failed
      .filter((one) => one.code === code)
      .map(({ name }) => name)
      .join(', ');
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
          <span className="dialog-key">
            {formatBytes(sizeBytes)}
            {!isOne && ' together'}
          </span>
        </>
      }
      verb={isOne ? 'Bring back' : `Bring back ${count(shown.length, 'recording')}`}
      isHarmless
      isBusy={back.isPending}
      onConfirm={() => back.mutate(shown)}
      failure={
        <>
          {back.error && <Trouble telling={tellBringBack(back.error)} />}
          {codes.map((code) => (
            <Trouble key={code} telling={tellBringBack(new AppError(code, namesOf(code)))} />
          ))}
        </>
      }
    >
      <ul className="facts">
        <li>
          {isOne ? 'It is' : 'They are'} in the library again, as {isOne ? 'it was' : 'they were'}{' '}
          when {isOne ? 'it was' : 'they were'} deleted. Nothing is uploaded, unless a copy turns
          out to be damaged and its file is on this computer.
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
