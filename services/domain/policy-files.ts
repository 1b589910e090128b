/** Which files are policy; all else beside them is ignored. */
export const POLICY_FILES = [
  'contract.yaml',
  'catalog.yaml',
  'routes.yaml',
  'provenance.yaml',
  'trusted-root.json',
] as const;

/** Lists of what is known to be exploited: as CISA publishes it, and of one's own. */
export const KNOWN_EXPLOITED_FILES = ['known-exploited.json', 'known-exploited.yaml'] as const;

const BYTES = 1024 * 1024;
/** What CISA publishes has some 1.5 MB, and grows. */
const BYTES_OF_LIST = 8 * BYTES;

/** How large a policy file may be. */
export function bytesAllowed(file: string): number {
  return file === KNOWN_EXPLOITED_FILES[0] ? BYTES_OF_LIST : BYTES;
}

/** The folders that may hold one file per service; `catalog.yaml` and `routes.yaml` may stand beside them. */
export const POLICY_FOLDERS = ['catalog', 'routes'] as const;

/** Of a file in one of the folders, by its name there. */
export function isPolicyName(folder: (typeof POLICY_FOLDERS)[number], name: string): boolean {
  const isOwners = folder === 'catalog' && name.endsWith('.codeowners');
  return (name.endsWith('.yaml') || isOwners) && !name.startsWith('.');
}
