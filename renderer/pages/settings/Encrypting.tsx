import type { ConnectionView } from '#shared/api/connection.ts';
import { encryptionChoices } from '#shared/encryption.ts';
import { Select } from '../../components/Select.tsx';
import { TextField } from '../../components/TextField.tsx';

type Choice = Pick<ConnectionView, 'encryption' | 'kmsKeyId'>;

const words = {
  '': 'As the bucket does by itself',
  AES256: 'AES256, with the storage’s own keys',
  'aws:kms': 'With a KMS key',
} as const satisfies Record<(typeof encryptionChoices)[number], string>;

/** With what the storage is to encrypt what is uploaded from now on. */
export function Encrypting({
  typed,
  isFixed,
  onTyped,
}: Readonly<{ typed: Choice; isFixed: boolean; onTyped: (choice: Partial<Choice>) => void }>) {
  return (
    <details open={typed.encryption !== '' ? true : undefined}>
      <summary>Encryption in the storage</summary>
      <div className="form-pair form-folded">
        <div className="field">
          <label htmlFor="encryption">New recordings</label>
          <Select
            id="encryption"
            value={typed.encryption}
            disabled={isFixed}
            aria-describedby="encryption-hint"
            onChange={(event) => onTyped({ encryption: event.target.value })}
          >
            {encryptionChoices.map((choice) => (
              <option key={choice} value={choice}>
                {words[choice]}
              </option>
            ))}
          </Select>
          <span className="hint" id="encryption-hint">
            What is stored already stays as it is. Test the connection after a change.
          </span>
        </div>
        {typed.encryption === 'aws:kms' && (
          <TextField
            label="KMS key"
            maxLength={2_048}
            hint="Its id, ARN or alias. Empty for the account’s own key for S3. This account must be allowed to use it."
            value={typed.kmsKeyId}
            readOnly={isFixed}
            onText={(kmsKeyId) => onTyped({ kmsKeyId })}
          />
        )}
      </div>
    </details>
  );
}
