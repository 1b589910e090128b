/** One canary for every place that brings a secret in, and the forms in which a secret travels on. */

const canary = (what: string) => `canary-${what}-9f3c5a7e1b2d`;

export const CANARIES = {
  checkKey: canary('check-key'),
  otherCheckKey: canary('other-check-key'),
  refusedCheckKey: canary('refused-check-key'),
  apiKey: canary('api-key'),
  refusedApiKey: canary('refused-api-key'),
  bearer: canary('bearer'),
  jobToken: canary('job-token'),
  refusedJobToken: canary('refused-job-token'),
  azureDevOpsToken: canary('azure-devops-token'),
  botPassword: canary('bot-password'),
  cookie: canary('cookie'),
  snippet: canary('snippet-of-the-leaked-secret'),
} as const;

/** Every form of a secret; base64 at each of the three places where it can begin within other bytes. */
export function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const within = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64url');
    // The first and last characters also depend on the neighbours.
    return text.slice(shift === 0 ? 0 : shift + 1, -3);
  });
  return [
    secret,
    ...within,
    ...within.map((text) => text.replaceAll('-', '+').replaceAll('_', '/')),
    encodeURIComponent(secret),
    bytes.toString('hex'),
    Buffer.from(secret, 'utf16le').toString('latin1'),
    Buffer.from(secret, 'utf16le').toString('base64').slice(0, -4),
    [...bytes].join(','),
    [...secret].reverse().join(''),
  ];
}

/** Which canaries this text holds, in whatever form. */
export function leaksIn(text: string, secrets: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(secrets).flatMap(([name, secret]) =>
    formsOf(secret).some((form) => text.includes(form)) ? [name] : [],
  );
}
