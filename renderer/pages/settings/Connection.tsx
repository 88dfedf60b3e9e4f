import { FileKey } from 'lucide-react';
import { useState } from 'react';
import type { StatusView } from '#shared/api.ts';
import { isSamePlace, type ConnectionView } from '#shared/api/connection.ts';
import { meantBucket, regionOf, USUAL_REGION, withScheme } from '#shared/bucket-address.ts';
import { encryptionChoices } from '#shared/encryption.ts';
import { AppError } from '#shared/errors.ts';
import type { LockableSetting } from '#shared/school.ts';
import { printable } from '#shared/format.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Failure } from '../../components/Failure.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { SetBySchool } from '../../components/SetBySchool.tsx';
import { TextField } from '../../components/TextField.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { useConnection } from '../../hooks/useConnection.ts';
import { useEnvFile } from '../../hooks/useEnvFile.ts';
import { tellError } from '../../words/failures.ts';
import { BucketSetup } from './BucketSetup.tsx';
import { Checks, useReport, useTest } from './Checks.tsx';
import { changedBySaving } from './connection-queries.ts';
import { Encrypting } from './Encrypting.tsx';
import { EnvFileDialog } from './EnvFile.tsx';
import { Exceptions } from './Exceptions.tsx';
import { Agreement, hasTyped, KeptKeys, KeyFields, needsAgreement, noKeys } from './Keys.tsx';
import { SignIn } from './SignIn.tsx';
import { StorageFacts } from './StorageFacts.tsx';
import { placeOf, SectionTitle } from './sections.tsx';

export function Connection({ status }: Readonly<{ status: StatusView }>) {
  const { data, error, refetch } = useConnection();
  const envFile = useEnvFile();
  const test = useTest();
  return (
    <section className="card" aria-labelledby={placeOf('connection')}>
      <div className="card-head">
        <SectionTitle section="connection" />
        {data && !data.isFixed && (
          <Button onClick={envFile.open}>
            <FileKey className="icon" aria-hidden />
            Use a .env file…
          </Button>
        )}
      </div>
      {error && <Failure error={error} onRetry={refetch} />}
      {!data && !error && <p className="muted soon">Looking…</p>}
      {data && (
        <Form
          key={JSON.stringify(data)}
          stored={data}
          status={status}
          onSaved={() => test.mutate(undefined)}
        />
      )}
      {data && <Found stored={data} status={status} test={test} />}
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

type StoredProps = Readonly<{ stored: ConnectionView; status: StatusView }>;

/** What was found out about what is stored. It stays when the form is another one, as what it stored has changed. */
function Found({
  stored,
  status,
  test,
}: StoredProps & Readonly<{ test: ReturnType<typeof useTest> }>) {
  const { report } = useReport(test);
  const place = {
    bucket: stored.bucket || (status.bucket ?? ''),
    region: stored.region || USUAL_REGION,
    endpoint:
      status.mode === 'demo' ? (status.endpoint ?? '') : withScheme(stored.endpoint, stored.useSsl),
  };
  return (
    <>
      <SignIn mayEnter={!stored.isFixed} />
      <Checks place={place} test={test} />
      <StorageFacts said={report} />
      {place.bucket !== '' && <BucketSetup place={place} />}
    </>
  );
}

/** What can be typed into a field alone. */
type TextName = 'bucket' | 'region' | 'endpoint' | 'profile';

function Form({ stored, status, onSaved }: StoredProps & Readonly<{ onSaved: () => void }>) {
  const [typed, setTyped] = useState<Typed>(stored);
  const [keys, setKeys] = useState(noKeys);
  const [isAgreed, setAgreed] = useState(false);
  const [isTried, setTried] = useState(false);
  const { isFixed } = stored;
  const losesKeys = stored.hasKeys && !isSamePlace(stored.endpoint, typed.endpoint);
  const save = useSaving({ typed, keys, isAgreed, losesKeys }, () => {
    // Where others were saved before, the form stays the same one.
    setKeys(noKeys);
    onSaved();
  });
  const isRefused = save.error instanceof AppError && save.error.code === 'keys-unprotected';
  const asksForAgreement = hasTyped(keys) && (needsAgreement(stored) || isRefused);
  const setMore = (more: Partial<Typed>) => setTyped({ ...typed, ...more });
  const set = (name: TextName) => (text: string) => setMore({ [name]: text });
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
      <WhoseSettings status={status} isFixed={isFixed} />
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (!('wrong' in meantBucket(typed.bucket))) save.mutate(undefined);
        }}
      >
        <PlaceFields
          stored={stored}
          typed={typed}
          losesKeys={losesKeys}
          isTried={isTried}
          set={set}
          onMeant={setMore}
        />
        {isFixed ? (
          profile
        ) : (
          <KeyFields areKept={stored.hasKeys && !losesKeys} keys={keys} onKeys={setKeys}>
            {profile}
          </KeyFields>
        )}
        {asksForAgreement && <Agreement isAgreed={isAgreed} onAgreed={setAgreed} />}
        <KeptKeys stored={stored} />
        {!isFixed && <Exceptions stored={stored} typed={typed} onTyped={setMore} />}
        <Encrypting typed={typed} isFixed={isFixed} onTyped={setMore} />
        {save.error && <Trouble telling={tellError(save.error)} />}
        {status.school?.isDamaged && <SetBySchool lock="changes" />}
        {!isFixed && !status.school?.isDamaged && (
          <div className="buttons">
            <Button look="main" type="submit" isBusy={save.isPending}>
              {save.isPending ? 'Saving…' : 'Save connection'}
            </Button>
          </div>
        )}
      </form>
    </>
  );
}

type Entered = Readonly<{
  typed: Typed;
  keys: typeof noKeys;
  isAgreed: boolean;
  losesKeys: boolean;
}>;

function useSaving({ typed, keys, isAgreed, losesKeys }: Entered, onSaved: () => void) {
  const { show } = useNotices();
  return useAction(
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
            : 'The connection is saved. It is being tested now.',
        );
        onSaved();
      },
    },
  );
}

function WhoseSettings({ status, isFixed }: Readonly<{ status: StatusView; isFixed: boolean }>) {
  return (
    <>
      {status.mode === 'demo' && (
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
    </>
  );
}

type PlaceProps = Readonly<{
  stored: ConnectionView;
  typed: Typed;
  losesKeys: boolean;
  isTried: boolean;
  set: (name: TextName) => (text: string) => void;
  onMeant: (place: Partial<Typed>) => void;
}>;

function PlaceFields({ stored, typed, losesKeys, isTried, set, onMeant }: PlaceProps) {
  const [isLeft, setLeft] = useState(false);
  const meant = meantBucket(typed.bucket);
  const lock = (name: LockableSetting) =>
    stored.setBySchool.includes(name)
      ? { readOnly: true, hint: <SetBySchool /> }
      : { readOnly: stored.isFixed };
  return (
    <>
      <div className="form-pair">
        <TextField
          label="Bucket"
          required
          maxLength={500}
          value={typed.bucket}
          {...lock('bucket')}
          wrong={'wrong' in meant && (isTried || isLeft) ? `This ${meant.wrong}.` : undefined}
          onBlur={() => {
            setLeft(typed.bucket !== '');
            // Beside an endpoint an address at Amazon may be of another storage: whoever saves it hears so.
            if (!('wrong' in meant) && !(meant.isAmazons && typed.endpoint.trim() !== ''))
              onMeant({ bucket: meant.bucket, region: regionOf(meant, typed.region.trim()) });
          }}
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
    </>
  );
}
