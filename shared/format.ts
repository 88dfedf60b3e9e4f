const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** `12.3 MB`, in decimal units with three digits at most. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  if (unit === 0) return count(bytes, 'byte');
  const maximumFractionDigits = value >= 99.95 ? 0 : 1;
  return new Intl.NumberFormat('en', {
    style: 'unit',
    unit: units[unit]!,
    maximumFractionDigits,
  }).format(value);
}

const factors: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/** `2 GB`, `500kb`, `1.5 gb` or a bare number of bytes. @returns `undefined` for what is no size. */
export function parseBytes(text: string): number | undefined {
  const [, number, unit = ''] =
    /^\s*(\d{1,15}(?:\.\d{1,3})?)\s*([kmgt]?)b?(?:ytes?)?\s*$/i.exec(text) ?? [];
  if (number === undefined) return undefined;
  const bytes = Math.round(Number(number) * factors[unit.toLowerCase()]!);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

const grouped = new Intl.NumberFormat('en');

/** `12,345`. For people alone: not for programs, nor for what is to be typed again. */
export const formatNumber = (number: number): string => grouped.format(number);

/** `2026-03-05T13:07:09.000Z`: for programs, and what is sorted as text. @param ms Unix milliseconds */
export const isoTime = (ms: number): string => new Date(ms).toISOString();

/** `1 file`, `3 files`. */
export function count(number: number, noun: string): string {
  return `${formatNumber(number)} ${noun}${number === 1 ? '' : 's'}`;
}

/** A file name as it may be printed: control and direction-changing characters become visible. */
export function printable(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
