import type { ConnectionView } from '#shared/api/connection.ts';
import { Check } from '../../components/Check.tsx';
import { TextField } from '../../components/TextField.tsx';

type Choice = Pick<ConnectionView, 'useSsl' | 'verifySsl' | 'caFile'>;

type Props = Readonly<{
  stored: Choice;
  typed: Choice;
  onTyped: (choice: Partial<Choice>) => void;
}>;

/** What a `.env` file asked for and hardly anybody needs: seen for as long as it is so, and taken back here. */
export function Exceptions({ stored, typed, onTyped }: Props) {
  return (
    <>
      {!stored.useSsl && (
        <Check
          words="Allow plain http"
          hint="What is sent, recordings included, can be read on the way."
          isOn={!typed.useSsl}
          onChange={(isOn) => onTyped({ useSsl: !isOn })}
        />
      )}
      {!stored.verifySsl && (
        <Check
          words="Do not check certificates"
          hint="Anyone on the way could pass for the storage. It ends by itself after 24 hours."
          isOn={!typed.verifySsl}
          onChange={(isOn) => onTyped({ verifySsl: !isOn })}
        />
      )}
      {stored.caFile !== '' && (
        <TextField
          label="Certificate file"
          maxLength={4_096}
          hint="Your school’s own certificates, beside those that this computer trusts."
          value={typed.caFile}
          onText={(caFile) => onTyped({ caFile })}
        />
      )}
    </>
  );
}
