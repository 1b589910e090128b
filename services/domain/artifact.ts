/**
 * The checksum by which a check or a sender names an artifact (registries call it a digest): `sha256:…`, `sha512:…`, a bare
 * SHA-256, or one of these behind `name@`. Absent where only a name or tag is given. What looks like a checksum and is none
 * is given as it stands: it equals no other.
 */
export function checksumIn(artifact: string | undefined): string | undefined {
  const named = artifact?.trim().toLowerCase() ?? '';
  const [, checksum] = /(?:^|@)(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/.exec(named) ?? [];
  if (checksum !== undefined) return checksum;
  if (/^[0-9a-f]{64}$/.test(named)) return `sha256:${named}`;
  return /sha\d+:/.test(named) ? named : undefined;
}
