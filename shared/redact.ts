/** @file Lines without secrets: for logs, reports and what people are shown of a storage's own words. */

const secrets: readonly [RegExp, string][] = [
  [/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, '[access key]'],
  [/(X-Amz-(?:Signature|Security-Token|Credential)=)[^&\s"]+/gi, '$1[removed]'],
  [
    /("?(?:authorization|secretAccessKey|sessionToken|accessKeyId|x-amz-security-token|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|AWS_ACCESS_KEY_ID)"?\s*[:=]\s*)"[^"]*"/gi,
    '$1"[removed]"',
  ],
  [/((?:AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|AWS_ACCESS_KEY_ID)\s*=\s*)[^\s"]+/g, '$1[removed]'],
  [
    /(<(?:SecretAccessKey|SessionToken|AccessKeyId|AWSAccessKeyId|SignatureProvided|StringToSign|CanonicalRequest|StringToSignBytes|CanonicalRequestBytes)>)[^<]*/gi,
    '$1[removed]',
  ],
  [/(\bSignature=)[0-9a-f]{16,}/gi, '$1[removed]'],
  // What stands for itself and looks like a secret key (40 characters of Base64, of each kind) or a session token.
  [
    /(?<![A-Za-z0-9/+=])(?=[A-Z0-9/+]{0,39}[a-z])(?=[a-z0-9/+]{0,39}[A-Z])(?=[A-Za-z]{0,39}[0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g,
    '[removed]',
  ],
  [/(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{120,}={0,2}/g, '[removed]'],
  [/AWS4-HMAC-SHA256 Credential=[^"]*/g, 'AWS4-HMAC-SHA256 [removed]'],
];

/** A line without anything that could sign or open something. */
export function withoutSecrets(line: string, known: readonly string[] = []): string {
  const plain = known
    .filter((secret) => secret.length > 3)
    .reduce((text, secret) => text.replaceAll(secret, '[removed]'), line);
  return secrets.reduce(
    (text, [pattern, replacement]) => text.replace(pattern, replacement),
    plain,
  );
}
