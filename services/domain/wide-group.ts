/** Built-in groups that hold whoever has an account, by what they are called within their project or organization. */
const EVERYBODY = [
  'project valid users',
  'project collection valid users',
  'team foundation valid users',
  'project-scoped users',
  'everyone',
  'authenticated users',
];
/** Whoever works in a project at all. */
const WIDE = [...EVERYBODY, 'contributors', 'readers', 'all users', 'all company', 'domain users'];

/** Whether a group (`[Shop]\Project Valid Users`) holds everybody by its nature, so that its members need not be counted. */
export function isEverybody(group: string): boolean {
  return EVERYBODY.includes(ownName(group));
}

/** Whether a group holds far more people than whoever was meant to be let in. */
export function isWide(group: string): boolean {
  return WIDE.includes(ownName(group));
}

function ownName(group: string): string {
  return group.slice(group.lastIndexOf('\\') + 1).toLowerCase();
}
