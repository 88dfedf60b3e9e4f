import { useQuery } from '@tanstack/react-query';
import { FileKey } from 'lucide-react';
import { useState } from 'react';
import type { StatusView } from '#shared/api.ts';
import { isSamePlace, type ConnectionView } from '#shared/api/connection.ts';
import { encryptionChoices } from '#shared/encryption.ts';
import { AppError } from '#shared/errors.ts';
import type { LockableSetting } from '#shared/school.ts';
import { printable } from '#shared/format.ts';
import { api } from '../../api.ts';
import { Failure } from '../../components/Failure.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { SetBySchool } from '../../components/SetBySchool.tsx';
import { TextField } from '../../components/TextField.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { useEnvFile } from '../../hooks/useEnvFile.ts';
import { tellError } from '../../words/failures.ts';
import { BucketSetup } from './BucketSetup.tsx';
import { Checks, useReport, useTest } from './Checks.tsx';
import { changedBySaving } from './connection-queries.ts';
import { Encrypting } from './Encrypting.tsx';
import { EnvFileDialog } from './EnvFile.tsx';
import { Exceptions } from './Exceptions.tsx';
import {
  Agreement,
  hasTyped,
  isHalf,
  KeptKeys,
  KeyFields,
  needsAgreement,
  noKeys,
} from './Keys.tsx';
import { SignIn } from './SignIn.tsx';
import { StorageFacts } from './StorageFacts.tsx';
import { placeOf, SectionTitle } from './sections.tsx';

export function Connection({ status }: Readonly<{ status: StatusView }>) {
  const { data, error, refetch } = useQuery({
    queryKey: ['connection'],
    queryFn: () => api.getConnection({}),
    // What is being typed is not to be replaced by what was stored.
    staleTime: Number.POSITIVE_INFINITY,
  });
  const envFile = useEnvFile();
  // Here, since the form is another one once what it stored has changed.
  const test = useTest();
  return (
    <section className="card" aria-labelledby={placeOf('connection')}>
      <div className="card-head">
        <SectionTitle section="connection" />
        {data && !data.isFixed && (
          <button type="button" className="button" onClick={envFile.open}>
            <FileKey className="icon" aria-hidden />
            Use a .env file…
          </button>
        )}
      </div>
      {error && <Failure error={error} onRetry={refetch} />}
      {!data && !error && <p className="muted soon">Looking…</p>}
      {data && <Form key={JSON.stringify(data)} stored={data} status={status} test={test} />}
      <EnvFileDialog envFile={envFile} />
    </section>
  );
}

type Typed = Pick<
  ConnectionView,
  | 'bucket'
  | 'region'
  | 'endpoint'
  | 'profile'
  | 'encryption'
  | 'kmsKeyId'
  | 'useSsl'
  | 'verifySsl'
  | 'caFile'
>;

type FormProps = Readonly<{
  stored: ConnectionView;
  status: StatusView;
  test: ReturnType<typeof useTest>;
}>;

function Form({ stored, status, test }: FormProps) {
  const [typed, setTyped] = useState<Typed>(stored);
  const [keys, setKeys] = useState(noKeys);
  const [isAgreed, setAgreed] = useState(false);
  const [isTried, setTried] = useState(false);
  const { show } = useNotices();
  const { report } = useReport(test);
  const isDemo = status.mode === 'demo';
  const { isFixed } = stored;
  const save = useAction(
    () =>
      api.saveConnection({
        bucket: typed.bucket.trim(),
        region: typed.region.trim(),
        endpoint: typed.endpoint.trim(),
        profile: typed.profile.trim(),
        encryption: encryptionChoices.find((known) => known === typed.encryption),
        kmsKeyId: typed.encryption === 'aws:kms' ? typed.kmsKeyId.trim() : '',
        useSsl: typed.useSsl,
        verifySsl: typed.verifySsl,
        caFile: typed.caFile,
        keys: hasTyped(keys) ? keys : null,
        agreesToUnprotected: isAgreed,
      }),
    {
      changes: changedBySaving,
      onDone() {
        show(
          losesKeys && !hasTyped(keys)
            ? 'The connection is saved. The keys that were entered before are forgotten.'
            : 'The connection is saved.',
        );
        // Where others were saved before, the form stays the same one.
        setKeys(noKeys);
        test.mutate(undefined);
      },
    },
  );
  const isRefused = save.error instanceof AppError && save.error.code === 'keys-unprotected';
  const asksForAgreement = hasTyped(keys) && (needsAgreement(stored) || isRefused);
  const losesKeys = stored.hasKeys && !isSamePlace(stored.endpoint, typed.endpoint);
  const place = {
    bucket: stored.bucket || (status.bucket ?? ''),
    region: stored.region,
    endpoint: isDemo ? (status.endpoint ?? '') : stored.endpoint,
  };
  const lock = (name: LockableSetting) =>
    stored.setBySchool.includes(name)
      ? { readOnly: true, hint: <SetBySchool /> }
      : { readOnly: isFixed };
  const set = (name: 'bucket' | 'region' | 'endpoint' | 'profile') => (text: string) =>
    setTyped({ ...typed, [name]: text });
  const profile = (
    <TextField
      label="Profile"
      maxLength={200}
      hint="The name of a sign-in that is set up on this computer. Empty for the usual one."
      value={typed.profile}
      readOnly={isFixed}
      onText={set('profile')}
    />
  );
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
          if (!isHalf(keys)) save.mutate(undefined);
        }}
      >
        <div className="form-pair">
          <TextField
            label="Bucket"
            required
            maxLength={63}
            value={typed.bucket}
            {...lock('bucket')}
            onText={set('bucket')}
          />
          <TextField
            label="Region"
            maxLength={64}
            value={typed.region}
            {...lock('region')}
            onText={set('region')}
          />
        </div>
        <TextField
          label="Endpoint"
          type="text"
          inputMode="url"
          maxLength={500}
          placeholder="https://"
          hint={
            losesKeys
              ? 'The keys that were entered are for the address before, and are not sent to another. Enter those for this one.'
              : 'Empty for Amazon S3. For another storage, the address that its admin gave you.'
          }
          value={typed.endpoint}
          {...lock('endpoint')}
          onText={set('endpoint')}
        />
        {isFixed ? (
          profile
        ) : (
          <KeyFields
            areKept={stored.hasKeys && !losesKeys}
            keys={keys}
            isTried={isTried}
            onKeys={setKeys}
          >
            {profile}
          </KeyFields>
        )}
        {asksForAgreement && <Agreement isAgreed={isAgreed} onAgreed={setAgreed} />}
        <KeptKeys stored={stored} />
        {!isFixed && (
          <Exceptions
            stored={stored}
            typed={typed}
            onTyped={(more) => setTyped({ ...typed, ...more })}
          />
        )}
        <Encrypting
          typed={typed}
          isFixed={isFixed}
          onTyped={(more) => setTyped({ ...typed, ...more })}
        />
        {save.error && <Trouble telling={tellError(save.error)} />}
        {status.school?.isDamaged && <SetBySchool lock="changes" />}
        {!isFixed && !status.school?.isDamaged && (
          <div className="buttons">
            <button type="submit" className="button button-main" aria-disabled={save.isPending}>
              {save.isPending ? 'Saving…' : 'Save connection'}
            </button>
          </div>
        )}
      </form>
      <SignIn />
      <Checks place={place} test={test} />
      <StorageFacts said={report} />
      {place.bucket !== '' && <BucketSetup place={place} />}
    </>
  );
}
