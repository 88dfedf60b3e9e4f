import { CircleAlert } from 'lucide-react';
import type { EnvFileView } from '#shared/api/connection.ts';
import { encryptionText } from '#shared/encryption.ts';
import { formatDeadline, printable } from '#shared/format.ts';
import { keyEndingText } from '#shared/sign-in.ts';
import { Fact } from '../../components/Fact.tsx';

/** What was understood of a `.env` file, and what was not. */
export function EnvFilePreview({ view }: Readonly<{ view: EnvFileView }>) {
  const wrong = view.notes.filter(({ isWrong }) => isWrong);
  const unused = view.notes.filter(({ isWrong }) => !isWrong);
  return (
    <section className="preview" aria-label="What the file says">
      <Facts view={view} />
      {wrong.length > 0 && (
        <>
          <p className="wrong">
            <CircleAlert className="icon" aria-hidden />
            With this it cannot be saved. Correct it in the file, then give it again.
          </p>
          <Notes notes={wrong} label="Wrong lines" />
        </>
      )}
      {unused.length > 0 && (
        <details open={unused.length <= 4 ? true : undefined}>
          <summary>Not used</summary>
          <Notes notes={unused} label="Lines that are not used" />
        </details>
      )}
    </section>
  );
}

const keyNames = new Set(['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']);

function Facts({ view: { connection, keys, notes } }: Readonly<{ view: EnvFileView }>) {
  const { bucket, region, endpoint, profile, encryption, kmsKeyId, caFile } = connection;
  const isHalf = notes.some(({ name, isWrong }) => isWrong && keyNames.has(name ?? ''));
  return (
    <dl>
      <Fact term="Bucket">
        {bucket === '' ? '–' : printable(bucket)}
        {connection.isAsBefore && bucket !== '' && <span className="hint"> as it is set now</span>}
      </Fact>
      <Fact term="Region">{printable(region)}</Fact>
      <Fact term="Endpoint">{endpoint === '' ? 'Amazon S3' : printable(endpoint)}</Fact>
      <Fact term="Keys">{keys ? keysText(keys) : isHalf ? '–' : noKeysText(connection)}</Fact>
      {profile !== '' && <Fact term="Profile">{printable(profile)}</Fact>}
      {encryption !== '' && (
        <Fact term="Encryption">{printable(encryptionText(encryption, kmsKeyId))}</Fact>
      )}
      {caFile !== '' && (
        <Fact term="Certificates">
          <code>{printable(caFile)}</code>
        </Fact>
      )}
      {!connection.useSsl && <Fact term="On the way">Not encrypted: plain http is allowed</Fact>}
      {!connection.verifySsl && (
        <Fact term="Certificate check">Off, for 24 hours from when it is saved</Fact>
      )}
    </dl>
  );
}

function keysText({ keyEnding, isTemporary, endsAtMs }: NonNullable<EnvFileView['keys']>): string {
  const key = keyEndingText(printable(keyEnding));
  if (endsAtMs !== null) return `${key} It works until ${formatDeadline(endsAtMs)}.`;
  return isTemporary ? `${key} It is temporary; when it ends is not known.` : key;
}

function noKeysText(connection: EnvFileView['connection']): string {
  const { isAsBefore, areKeysKept, profile } = connection;
  if (areKeysKept) return 'None in the file: they stay as they are set now.';
  if (isAsBefore)
    return 'None in the file: those that were entered belong to the address before, and are forgotten.';
  return profile === ''
    ? 'None in the file: they come from the AWS tools’ settings on this computer.'
    : 'None in the file: they come from the profile.';
}

function Notes({ notes, label }: Readonly<{ notes: EnvFileView['notes']; label: string }>) {
  return (
    <ul className="line-notes" aria-label={label}>
      {notes.map(({ line, name, why }) => (
        <li key={`${line} ${name}`}>
          {line !== null && <span className="faint num">Line {line}: </span>}
          {name !== null && <code>{printable(name)}</code>} {printable(why)}
        </li>
      ))}
    </ul>
  );
}
