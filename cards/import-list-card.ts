import type { IAdaptiveCard } from 'adaptivecards';
import { type ImportList, importLacks, type ListedImport } from '../services/domain/imported-exception.ts';
import type { OutsideException } from '../services/domain/outside-exception.ts';
import { button } from './actions.ts';
import { type CardElement, card, line, row, section, title, words } from './card.ts';
import { cardText } from './card-text.ts';
import { FIELD_WORDS } from './exception-words.ts';
import { present } from './gate-actions.ts';
import { counted, listOf, nameOf, plural, type Viewer } from './names.ts';
import { inZone, showDate } from './show-time.ts';
import { plain } from './text.ts';

const ROWS = 10;
const NAME_MAX = 80;
const NARROWER_MAX = 80;
const FIELDS_SHOWN = 9;
const OVER_SHOWN = 3;
const SPOKEN_MAX = 600;

export const SOURCE_WORDS: Readonly<Record<OutsideException['source'], string>> = {
  trivy: 'Trivy',
  'azure-policy': 'Azure Policy',
};

/** What other tools let pass and nobody answers for here, by service; each with a button to ask for it. */
export function importListCard(list: ImportList, viewer: Viewer): IAdaptiveCard {
  const open = list.rows.filter(({ standing }) => standing === 'unmanaged');
  const shown = open.slice(0, ROWS);
  const headline = headlineOf(list, open.length);
  const groups = Map.groupBy(shown, ({ imported }) => imported.service);
  const sections = [...groups].map(([service, members]) => [
    row(nameOf(service), { weight: 'bolder' }),
    ...members.map((one) => importRow(one, viewer, shown.indexOf(one) + 1)),
  ]);
  const body = [
    title(headline),
    ...(open.length === 0 ? [{ ...line(words(NOTHING)), id: 'state' }] : []),
    ...(shown.length === 0 ? [] : [section('exceptions', sections.flat())]),
    ...restOf(list, open.length, shown.length).map((text) => line(words(text, { isSubtle: true }))),
  ];
  const names = shown.map(({ imported }) => plain(imported.entry.name, NAME_MAX)).join('; ');
  const fallbackText = plain(`${headline}. ${names}`, SPOKEN_MAX);
  return inZone(card({ body, actions: [], fallbackText, speak: headline }), viewer.zone);
}

const NOTHING =
  'Of what was brought in with "countersign exceptions import" each has an owner and a request here, has ended there, or is gone from its file.';
const WAY = 'Type "request exception import ID SERVICE ENV until DATE because …" to ask for one.';

export function importListText(list: ImportList, viewer: Viewer): string {
  const isEmpty = list.rows.every(({ standing }) => standing !== 'unmanaged');
  return cardText(importListCard(list, viewer), isEmpty ? [] : [WAY], viewer.zone);
}

function headlineOf({ service }: ImportList, count: number): string {
  const where = service === undefined ? '' : ` for ${nameOf(service)}`;
  return `${count === 0 ? 'No' : count} ${plural(count, 'exception')} of other tools${where} ${plural(count, 'is', 'are')} unmanaged`;
}

function restOf({ service, rows }: ImportList, open: number, shown: number): string[] {
  const fewer =
    service === undefined
      ? 'Type "exceptions unmanaged SERVICE" to see fewer.'
      : 'On the command line "exceptions list --unmanaged" writes out all of them.';
  const ended = rows.length - open;
  const rest = open - shown;
  return [
    ...(rest > 0 ? [`and ${rest} more. ${fewer}`] : []),
    ...(ended > 0
      ? [`${counted(ended, 'has', 'have')} ended there, and ${plural(ended, 'needs', 'need')} nothing.`]
      : []),
  ];
}

function importRow(listed: ListedImport, viewer: Viewer, n: number): CardElement {
  const { imported } = listed;
  const { entry, environment, id } = imported;
  const source = `${SOURCE_WORDS[entry.source]}, line ${entry.line}`;
  const end = entry.terms.until === undefined ? 'without an end' : `until the end of ${showDate(entry.terms.until)}`;
  const items = [
    row(`${plain(entry.name, NAME_MAX)} · ${nameOf(environment)}`, { weight: 'bolder' }),
    row(`${source} · lets pass there ${end}`, { spacing: 'none' }),
    ...leftWords(listed).map((text) => row(`! ${text}`, { spacing: 'none' })),
    row(`id ${nameOf(id)}`, { spacing: 'none', isSubtle: true }),
  ];
  // Whoever clicks in a channel would fill in the form before everybody.
  const isOwn = viewer.oid !== undefined && viewer.isPublic !== true && entry.narrowedBy.length === 0;
  const column = {
    type: 'Column',
    width: 'auto',
    verticalContentAlignment: 'center',
    items: [{ type: 'ActionSet', actions: present([requestButton(listed, n)]) }],
  } as const;
  return {
    type: 'ColumnSet',
    separator: true,
    spacing: 'medium',
    columns: [{ type: 'Column', width: 'stretch', items }, ...(isOwn ? [column] : [])],
  };
}

function leftWords({ imported, over }: ListedImport): string[] {
  const { narrowedBy } = imported.entry;
  const missing = importLacks(imported).map((field) => FIELD_WORDS[field]);
  const asked =
    over.length === 0 ? [] : [`It was asked for here as ${listOf(over.map(nameOf), OVER_SHOWN)}, which is over.`];
  if (narrowedBy.length > 0)
    return [
      `It is limited by ${plain(narrowedBy.join(' '), NARROWER_MAX)}: ask for its findings one by one.`,
      ...asked,
    ];
  if (missing.length > 0) return [`It does not say ${listOf(missing, FIELDS_SHOWN)}.`, ...asked];
  return asked.length > 0 ? asked : ['It says everything, and is not asked for.'];
}

function requestButton({ imported: { id, service, environment } }: ListedImport, n: number) {
  const data = { verb: 'exception.request', service, environment, imported: id } as const;
  return button({ id: `request-${n}`, title: 'Request', data, inputs: 'none' });
}
