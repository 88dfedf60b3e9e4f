import { Check, Copy } from 'lucide-react';
import { copyText } from '../api.ts';
import { useAction } from '../hooks/useAction.ts';
import { Button } from './Button.tsx';
import { useNotices } from './Notice.tsx';

type Props = Readonly<{
  text: string;
  /** What is copied, in words: `Link`. */
  what: string;
  isMain?: boolean;
}>;

export function CopyButton({ text, what, isMain = false }: Props) {
  const { say } = useNotices();
  const copy = useAction(() => copyText(text), {
    changes: [],
    onDone: () => say(`${what} copied.`),
  });
  const Icon = copy.isSuccess ? Check : Copy;
  const words = copy.isError ? 'Copying failed' : copy.isSuccess ? 'Copied' : 'Copy';
  return (
    <Button
      look={isMain ? 'main' : undefined}
      isSmall={!isMain}
      onClick={() => copy.mutate(undefined)}
    >
      <Icon className="icon" aria-hidden />
      {words}
      <span className="unseen"> {what.toLowerCase()}</span>
    </Button>
  );
}
