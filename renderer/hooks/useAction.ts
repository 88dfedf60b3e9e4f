import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';

/**
 * A call that changes something: afterwards what the lists show is asked for again. While it runs, starting
 * it again does nothing, which its `Button` says with `isBusy`.
 */
export function useAction<Input, Output>(
  run: (input: Input) => Promise<Output>,
  options: Readonly<{
    /** First parts of the query keys that it changes. */
    changes: readonly string[];
    onDone?: (output: Output, input: Input) => void;
  }>,
) {
  const client = useQueryClient();
  const mutation = useMutation({
    mutationFn: run,
    onSuccess: (output, input) => options.onDone?.(output, input),
    async onSettled(_output, error) {
      const asked = Promise.all(
        options.changes.map((key) => client.invalidateQueries({ queryKey: [key] })),
      );
      // What has failed may have changed some of it; and its failure waits for no list.
      if (error === null) await asked;
    },
  });
  const { isPending, mutate: start } = mutation;
  const mutate = useCallback(
    (input: Input) => {
      if (!isPending) start(input);
    },
    [isPending, start],
  );
  return { ...mutation, mutate };
}
