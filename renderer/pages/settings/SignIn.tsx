import { useQuery } from '@tanstack/react-query';
import { CircleAlert, KeyRound } from 'lucide-react';
import type { SignInView } from '#shared/api/connection.ts';
import { formatDeadline, printable } from '#shared/format.ts';
import { keyEndingText, originWords, renewalWords } from '#shared/sign-in.ts';
import { api } from '../../api.ts';
import { Countdown } from '../../components/Clock.tsx';

/** Whose keys sign, and until when. `mayEnter`: there are fields for keys above it. */
export function SignIn({ mayEnter }: Readonly<{ mayEnter: boolean }>) {
  const { data } = useQuery({
    queryKey: ['sign-in'],
    queryFn: () => api.getSignIn({}),
    // A file, a program or a service may have others by now.
    refetchInterval: 30_000,
  });
  if (!data?.signIn) return null;
  const { signIn } = data;
  const { needsPerson, keyEnding, isTemporary, endsAtMs } = signIn;
  const source = { source: signIn.source, profile: signIn.profile ?? undefined };
  const origin = printable(originWords(source));
  return (
    <p className={needsPerson ? 'sign-in sign-in-over' : 'sign-in'}>
      {needsPerson ? (
        <CircleAlert className="icon" aria-hidden />
      ) : (
        <KeyRound className="icon" aria-hidden />
      )}
      {keyEnding === null && signIn.profile === null ? (
        <span>
          No keys were found: none are entered here, and the AWS tools have none that work now.{' '}
          {mayEnter
            ? 'Enter an access key and a secret key above, or sign in with the AWS tools, again if you did before.'
            : 'Sign in with the AWS tools, again if you did before, or put keys where the bucket is set.'}
        </span>
      ) : needsPerson ? (
        <span>
          {keyEnding === null ? 'No keys came from' : 'The storage does not take the keys from'}{' '}
          {origin}. {printable(renewalWords(source))}
        </span>
      ) : (
        <span>
          Keys come from {origin}. {keyEndingText(keyEnding ?? '')}
          <End isTemporary={isTemporary} endsAtMs={endsAtMs} />
        </span>
      )}
    </p>
  );
}

function End({ isTemporary, endsAtMs }: Pick<SignInView, 'isTemporary' | 'endsAtMs'>) {
  if (endsAtMs === null) return isTemporary ? ' It is temporary; when it ends is not known.' : null;
  return (
    <>
      {' '}
      It works until {formatDeadline(endsAtMs)} (
      <Countdown untilMs={endsAtMs} before="another" after="over" />
      ).
    </>
  );
}
