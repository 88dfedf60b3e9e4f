import { useMutation, useQueryClient } from '@tanstack/react-query';

/** A call that changes something: afterwards what the lists show is asked for again. */
export function useAction<Input, Output>(
  run: (input: Input) => Promise<Output>,
  options: Readonly<{
    /** First parts of the query keys that it changes. */
    changes: readonly string[];
    onDone?: (output: Output, input: Input) => void;
  }>,
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: async (output, input) => {
      options.onDone?.(output, input);
      await Promise.all(
        options.changes.map((key) => client.invalidateQueries({ queryKey: [key] })),
      );
    },
  });
}
