import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { StatusView } from '#shared/api.ts';
import type { ConnectionView } from '#shared/api-connection.ts';
import { encryptionChoices } from '#shared/encryption.ts';
import { printable } from '#shared/format.ts';
import { api } from '../../api.ts';
import { useNotices } from '../../components/Notice.tsx';
import { TextField } from '../../components/TextField.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { tellError } from '../../words/troubles.ts';
import { Checks } from './Checks.tsx';
import { Encrypting } from './Encrypting.tsx';
import { SignIn } from './SignIn.tsx';

export function Connection({ status }: Readonly<{ status: StatusView }>) {
  const { data, error, refetch } = useQuery({
    queryKey: ['connection'],
    queryFn: () => api.getConnection({}),
    // What is being typed is not to be replaced by what was stored.
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <section className="card" aria-labelledby="connection">
      <h2 id="connection">Connection</h2>
      {error && (
        <Trouble telling={tellError(error)}>
          <button type="button" className="button" onClick={() => void refetch()}>
            Try again
          </button>
        </Trouble>
      )}
      {!data && !error && <p className="muted soon">Looking…</p>}
      {data && <Form key={JSON.stringify(data)} stored={data} status={status} />}
    </section>
  );
}

const keyHint = 'Entered; empty keeps it';

type Typed = Pick<
  ConnectionView,
  'bucket' | 'region' | 'endpoint' | 'profile' | 'encryption' | 'kmsKeyId'
>;

function Form({ stored, status }: Readonly<{ stored: ConnectionView; status: StatusView }>) {
  const [typed, setTyped] = useState<Typed>(stored);
  const [keys, setKeys] = useState({ accessKeyId: '', secretAccessKey: '' });
  const [isTried, setTried] = useState(false);
  const { show } = useNotices();
  const isDemo = status.mode === 'demo';
  const { isFixed } = stored;
  const hasKeys = keys.accessKeyId !== '' || keys.secretAccessKey !== '';
  const isHalf = hasKeys && (keys.accessKeyId === '' || keys.secretAccessKey === '');
  const save = useAction(
    () =>
      api.saveConnection({
        bucket: typed.bucket.trim(),
        region: typed.region.trim(),
        endpoint: typed.endpoint.trim(),
        profile: typed.profile.trim(),
        encryption: encryptionChoices.find((known) => known === typed.encryption),
        kmsKeyId: typed.encryption === 'aws:kms' ? typed.kmsKeyId.trim() : '',
        keys: hasKeys ? keys : null,
      }),
    {
      changes: ['connection', 'sign-in', 'status', 'jobs', 'owners', 'objects', 'folders'],
      onDone: () => show('The connection is saved.'),
    },
  );
  const set = (name: keyof Typed) => (text: string) => setTyped({ ...typed, [name]: text });
  return (
    <>
      {isDemo && (
        <p className="muted">
          This is a demo, with a storage of its own on this computer
          {status.endpoint !== null && ` (${printable(status.endpoint)})`}, which is removed at the
          end. Enter a bucket to use your own storage.
        </p>
      )}
      {isFixed && (
        <p className="muted">
          Set for this computer in its environment or a .env file, which also decides here.
        </p>
      )}
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (!isHalf) save.mutate(undefined);
        }}
      >
        <div className="form-pair">
          <TextField
            label="Bucket"
            required
            maxLength={63}
            value={typed.bucket}
            readOnly={isFixed}
            onText={set('bucket')}
          />
          <TextField
            label="Region"
            maxLength={64}
            value={typed.region}
            readOnly={isFixed}
            onText={set('region')}
          />
        </div>
        <TextField
          label="Endpoint"
          type="text"
          inputMode="url"
          maxLength={500}
          placeholder="https://"
          hint="Empty for Amazon S3. For another storage, the address that its admin gave you."
          value={typed.endpoint}
          readOnly={isFixed}
          onText={set('endpoint')}
        />
        <TextField
          label="Profile"
          maxLength={200}
          hint="The name of a sign-in that is set up on this computer. Empty for the usual one."
          value={typed.profile}
          readOnly={isFixed}
          onText={set('profile')}
        />
        {!isFixed && (
          <div className="form-pair">
            <TextField
              label="Access key"
              maxLength={200}
              placeholder={stored.hasKeys ? keyHint : ''}
              value={keys.accessKeyId}
              wrong={isTried && isHalf && keys.accessKeyId === '' ? 'Enter both keys.' : undefined}
              onText={(accessKeyId) => setKeys({ ...keys, accessKeyId })}
            />
            <TextField
              label="Secret key"
              type="password"
              maxLength={200}
              placeholder={stored.hasKeys ? keyHint : ''}
              value={keys.secretAccessKey}
              wrong={
                isTried && isHalf && keys.secretAccessKey === '' ? 'Enter both keys.' : undefined
              }
              onText={(secretAccessKey) => setKeys({ ...keys, secretAccessKey })}
            />
          </div>
        )}
        <p className="hint">
          {!isFixed &&
            (stored.canKeepKeys
              ? 'Keys that you enter here go into the keychain of this computer.'
              : 'No keychain can be used here: keys that you enter are forgotten when Pan-Sea Sync ends. A profile of the AWS tools lasts.')}
        </p>
        <Encrypting
          typed={typed}
          isFixed={isFixed}
          onTyped={(more) => setTyped({ ...typed, ...more })}
        />
        {save.error && <Trouble telling={tellError(save.error)} />}
        {!isFixed && (
          <div className="buttons">
            <button type="submit" className="button button-main" aria-disabled={save.isPending}>
              {save.isPending ? 'Saving…' : 'Save connection'}
            </button>
          </div>
        )}
      </form>
      <SignIn />
      <Checks canTest={stored.bucket !== '' || isDemo} />
    </>
  );
}
