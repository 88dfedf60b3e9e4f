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
  const copy = useAction(copyText, {
    changes: [],
    onDone: () => say(`${what} copied.`),
  });
  // What was copied before the text changed is another one.
  const isTried = copy.variables === text;
  const isCopied = isTried && copy.isSuccess;
  const Icon = isCopied ? Check : Copy;
  const words = isTried && copy.isError ? 'Copying failed' : isCopied ? 'Copied' : 'Copy';
  return (
    <Button look={isMain ? 'main' : undefined} isSmall={!isMain} onClick={() => copy.mutate(text)}>
      <Icon className="icon" aria-hidden />
      {words}
      <span className="unseen"> {what.toLowerCase()}</span>
    </Button>
  );
}
