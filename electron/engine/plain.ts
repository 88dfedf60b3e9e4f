/** Text as it is searched: whatever its case and accents. */
export const plain = (text: string): string =>
  isPlain.test(text)
    ? text.toLowerCase().trim()
    : text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().trim();

/** Most names are, and a million of them are searched. */
const isPlain = /^[ -~]*$/;
