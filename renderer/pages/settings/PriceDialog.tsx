import { useId, useState } from 'react';
import { price, priceNames, priceOf, type Price, type Tariff } from '#shared/cost/prices.ts';
import { storageClasses, type StorageClass } from '#shared/storage-class.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { DialogForm } from '../../components/DialogForm.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { Select } from '../../components/Select.tsx';
import { TextField } from '../../components/TextField.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { useHandOver } from '../../hooks/useHandOver.ts';
import { tellError } from '../../words/failures.ts';
import { ClassOptions } from './ClassOptions.tsx';

type Props = Readonly<{ tariff: Tariff; isOpen: boolean; onClose: () => void }>;

/** The prices of one class at a time: those of the list are there to be changed. */
export function PriceDialog({ tariff, isOpen, onClose }: Props) {
  const [storageClass, setStorageClass] = useState<StorageClass>('STANDARD');
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title="Prices of the storage"
      description="In US dollars, for this storage. They change the estimate, and nothing else."
    >
      <Form
        tariff={tariff}
        storageClass={storageClass}
        onClass={setStorageClass}
        onClose={onClose}
      />
    </Dialog>
  );
}

const labels: Readonly<Record<keyof Price, string>> = {
  month: 'A gigabyte and month',
  puts: '1,000 requests that store something',
  moves: '1,000 recordings that a rule moves here',
  watch: '1,000 recordings and month, beside their size',
};

type Typed = Partial<Record<keyof Price, string>>;

type FormProps = Readonly<{
  tariff: Tariff;
  storageClass: StorageClass;
  onClass: (storageClass: StorageClass) => void;
  onClose: () => void;
}>;

function Form({ tariff, storageClass, onClass, onClose }: FormProps) {
  const id = useId();
  const { show } = useNotices();
  // What was typed for one class is there again when somebody comes back to it.
  const [allTyped, setTyped] = useState<Partial<Record<StorageClass, Typed>>>({});
  const typed = allTyped[storageClass] ?? {};
  const textOf = (of: StorageClass, name: keyof Price): string => {
    const before = priceOf(tariff, of);
    return allTyped[of]?.[name] ?? (before ? String(before[name]) : name === 'month' ? '' : '0');
  };
  const read = (of: StorageClass) =>
    price.safeParse(
      Object.fromEntries(
        priceNames
          .map((name) => [name, textOf(of, name).trim()] as const)
          .map(([name, text]) => [name, text === '' ? NaN : Number(text)]),
      ),
    );
  const shown = read(storageClass);
  const wrong = new Set(shown.error?.issues.map(({ path }) => path[0]));
  const isOwn = tariff.own[storageClass] !== undefined;
  const set = useAction(
    async (all: readonly (readonly [StorageClass, Price | null])[]) => {
      for (const [of, own] of all) await api.setPrice({ storageClass: of, price: own });
    },
    {
      changes: ['cost'],
      onDone(_output, all) {
        show('The estimate goes by these prices now.');
        // They may be forgotten of one class alone: what was typed for others is not saved yet.
        const done = new Set<string>(all.map(([of]) => of));
        const isLeft = ([of]: readonly [string, unknown]) => !done.has(of);
        if (!Object.entries(allTyped).some(isLeft)) onClose();
        else setTyped((now) => Object.fromEntries(Object.entries(now).filter(isLeft)));
      },
    },
  );
  // All that was typed, and not only what is seen at the end.
  const changed = storageClasses.filter((of) => allTyped[of]);
  const save = () => {
    const all = changed.length === 0 ? [storageClass] : changed;
    const own = all.map((of) => [of, read(of).data] as const);
    const unread = own.find(([, data]) => data === undefined);
    if (unread) onClass(unread[0]);
    else set.mutate(own.map(([of, data]) => [of, data ?? null]));
  };
  return (
    <DialogForm
      verb="Save"
      isReady={shown.success || (changed.length > 0 && !allTyped[storageClass])}
      isBusy={set.isPending}
      onClose={onClose}
      onSubmit={save}
      aside={
        isOwn && (
          <Forget
            verb={tariff.isAmazon ? 'As in Amazon’s list' : 'Forget these'}
            isBusy={set.isPending}
            onPress={() => set.mutate([[storageClass, null]])}
          />
        )
      }
    >
      <div className="form">
        <div className="field">
          <label htmlFor={id}>Kept as</label>
          <Select
            id={id}
            value={storageClass}
            onChange={({ target: { value } }) => {
              const chosen = storageClasses.find((name) => name === value);
              if (!chosen) return;
              set.reset();
              onClass(chosen);
            }}
          >
            <ClassOptions />
          </Select>
        </div>
        {priceNames.map((name) => (
          <TextField
            key={name}
            label={labels[name]}
            inputMode="decimal"
            maxLength={12}
            value={textOf(storageClass, name)}
            wrong={
              allTyped[storageClass] && wrong.has(name) ? 'US dollars, such as 0.0125.' : undefined
            }
            onText={(text) => setTyped({ ...allTyped, [storageClass]: { ...typed, [name]: text } })}
          />
        ))}
        {set.error && <Trouble telling={tellError(set.error)} />}
      </div>
    </DialogForm>
  );
}

/** Gone once they are forgotten. */
function Forget({
  verb,
  isBusy,
  onPress,
}: Readonly<{ verb: string; isBusy: boolean; onPress: () => void }>) {
  const ref = useHandOver<HTMLButtonElement>();
  return (
    <Button look="plain" ref={ref} isBusy={isBusy} onClick={onPress}>
      {verb}
    </Button>
  );
}
