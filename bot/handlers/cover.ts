import { COVER_USAGE, coverEndedText, coverListText, coverSetText, refusedText } from '../../cards/cover-words.ts';
import type { CoverAnswered, Covering } from '../../services/covering.ts';
import type { Answer, TurnPerson } from '../answer.ts';
import { readCoverCommand } from '../cover-command.ts';
import { meantBy, type Said } from '../said.ts';

/** Arranges, ends or lists who decides in whose place. */
export function createCover(covering: Covering) {
  return async (by: TurnPerson, words: string, op: string, said: Said): Promise<Answer> => {
    const command = readCoverCommand(words);
    if (command === undefined) return { text: `Nothing was changed: I do not understand this. ${COVER_USAGE}` };
    if (command.kind === 'list') return { text: textOf(await covering.list(by), by) };
    const absent =
      command.absent === undefined ? ({ kind: 'person', oid: by.oid } as const) : await meantBy(command.absent, said);
    if (command.kind === 'end') return { text: textOf(await covering.end({ by, absent, op }), by) };
    const zone = by.zone === undefined ? {} : { timezone: by.zone };
    const cover = await meantBy(command.cover, said);
    return { text: textOf(await covering.set({ by, absent, cover, until: command.until, op, ...zone }), by) };
  };
}

function textOf(answered: CoverAnswered, viewer: TurnPerson): string {
  if (answered.kind === 'set') return coverSetText(answered, viewer);
  if (answered.kind === 'ended') return coverEndedText(answered.cover, viewer);
  if (answered.kind === 'listed') return coverListText(answered.covers, viewer);
  return refusedText(answered.refusal, { ...answered.about, viewer });
}
