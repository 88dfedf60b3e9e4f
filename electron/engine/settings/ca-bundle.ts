import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';

/** The AWS tools' own variable for a private authority's file. @throws AppError `settings-wrong` */
export function certificatesIn(file: string): string {
  let pem: string;
  try {
    pem = readFileSync(file, 'utf8');
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code;
    throw new AppError('settings-wrong', `AWS_CA_BUNDLE cannot be read: ${file} (${why})`);
  }
  const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (found.length === 0)
    throw new AppError('settings-wrong', `AWS_CA_BUNDLE has no certificate in it: ${file}`);
  try {
    return found.map((one) => new X509Certificate(one).toString()).join('');
  } catch (cause) {
    throw new AppError('settings-wrong', `AWS_CA_BUNDLE is damaged: ${file}`, { cause });
  }
}
