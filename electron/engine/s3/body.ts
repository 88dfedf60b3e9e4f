/** What is in memory only until it has gone out. */
export type PassingBody = Readonly<{
  byteLength: number;
  /** Reads them again where they have gone already: asked for anew with each attempt. */
  bytes: () => Promise<Uint8Array>;
  /** The kernel has all of them: their memory may be used for others. The answer may be long in coming. */
  gone: () => void;
  /** So many of them are with the kernel, of this attempt. Told for each piece, where a body goes in pieces. */
  passed?: (bytes: number) => void;
}>;

export type Body = Uint8Array | PassingBody;

export const bytesOf = async (body: Body): Promise<Uint8Array> =>
  body instanceof Uint8Array ? body : body.bytes();
