import type { ReactNode } from 'react';
import type { ConnectionView } from '#shared/api/connection.ts';
import { formatDate } from '#shared/format.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Check } from '../../components/Check.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { TextField } from '../../components/TextField.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { tellError } from '../../words/failures.ts';
import { changedBySaving } from './connection-queries.ts';

type TypedKeys = Readonly<{
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}>;
export const noKeys: TypedKeys = { accessKeyId: '', secretAccessKey: '', sessionToken: '' };

export const hasTyped = (keys: TypedKeys) => Object.values(keys).some((value) => value !== '');

type Props = Readonly<{
  /** Keys that were entered before stay when these are left empty. */
  areKept: boolean;
  keys: TypedKeys;
  onKeys: (keys: TypedKeys) => void;
  /** The other way to sign in, beside them. */
  children: ReactNode;
}>;

export function KeyFields({ areKept, keys, onKeys, children }: Props) {
  // One is never kept beside another's other half.
  const mustBeTyped = hasTyped(keys);
  const placeholder = areKept && !mustBeTyped ? 'Entered; empty keeps it' : '';
  const field = (name: keyof TypedKeys) => ({
    value: keys[name],
    onText: (text: string) => onKeys({ ...keys, [name]: text }),
    placeholder,
    required: mustBeTyped,
  });
  return (
    <>
      <div className="form-pair">
        <TextField label="Access key" maxLength={200} {...field('accessKeyId')} />
        <TextField
          label="Secret key"
          type="password"
          maxLength={200}
          {...field('secretAccessKey')}
        />
      </div>
      <div className="form-pair">
        <TextField
          label="Session token"
          type="password"
          maxLength={8_192}
          hint="Only for keys that end after some hours. Empty for all others."
          {...field('sessionToken')}
          placeholder=""
          required={false}
        />
        {children}
      </div>
    </>
  );
}

/** Where keys that were typed are, and how to be rid of them. */
export function KeptKeys({ stored }: Readonly<{ stored: ConnectionView }>) {
  const { show } = useNotices();
  const forget = useAction(() => api.forgetKeys({}), {
    changes: changedBySaving,
    onDone: () => show('The keys are forgotten.'),
  });
  const { hasKeys, agreedAtMs, keyStore, isFixed } = stored;
  if (isFixed) return null;
  return (
    <div className="kept-keys">
      <p className="hint">
        {agreedAtMs === null
          ? places[keyStore]
          : `On ${formatDate(agreedAtMs)} you agreed that keys are stored here without protection. Forgetting the keys takes that back.`}
      </p>
      {(hasKeys || agreedAtMs !== null) && (
        <Button isBusy={forget.isPending} onClick={() => forget.mutate(undefined)}>
          Forget the keys
        </Button>
      )}
      {forget.error && <Trouble telling={tellError(forget.error)} />}
    </div>
  );
}

const places = {
  keychain: 'Keys that you enter here go into the keychain of this computer.',
  unprotected:
    'This computer has no keychain, so keys that you enter here are not stored unless you agree to it. A profile of the AWS tools is another way.',
  memory:
    'No keychain can be used here: keys that you enter are forgotten when Pan-Sea Sync ends. A profile of the AWS tools lasts.',
} as const satisfies Record<ConnectionView['keyStore'], string>;

/** The words that a person agrees to before keys are stored where no keychain protects them. */
export function Agreement({
  isAgreed,
  onAgreed,
}: Readonly<{ isAgreed: boolean; onAgreed: (isAgreed: boolean) => void }>) {
  return (
    <Check
      words="Store these keys on this computer without protection"
      hint="I understand that whoever gets at my files, or at a backup of them, can read the keys and use the storage with them."
      isOn={isAgreed}
      isNeeded
      onChange={onAgreed}
    />
  );
}

/** Whether a person has to agree before these keys can be stored. */
export const needsAgreement = ({ keyStore, agreedAtMs }: ConnectionView) =>
  keyStore === 'unprotected' && agreedAtMs === null;
