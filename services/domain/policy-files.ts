/** Which files are policy; all else beside them is ignored. */
export const POLICY_FILES = [
  'contract.yaml',
  'catalog.yaml',
  'routes.yaml',
  'provenance.yaml',
  'trusted-root.json',
] as const;

/** The folders that may hold one file per service; `catalog.yaml` and `routes.yaml` may stand beside them. */
export const POLICY_FOLDERS = ['catalog', 'routes'] as const;

/** Of a file in one of the folders, by its name there. */
export function isPolicyName(folder: (typeof POLICY_FOLDERS)[number], name: string): boolean {
  const isOwners = folder === 'catalog' && name.endsWith('.codeowners');
  return (name.endsWith('.yaml') || isOwners) && !name.startsWith('.');
}
