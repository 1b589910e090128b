import { exceptionUnreadText } from '../../cards/exception-words.ts';
import { importListCard, importListText } from '../../cards/import-list-card.ts';
import type { ImportLists } from '../../services/import-lists.ts';
import type { Answer, TurnPerson } from '../answer.ts';

export function createListImports(lists: Pick<ImportLists, 'list'>) {
  return async (by: TurnPerson, service?: string): Promise<Answer> => {
    const list = await lists.list(by, service);
    if ('code' in list) return { text: exceptionUnreadText(list, by) };
    return { text: importListText(list, by), card: importListCard(list, by) };
  };
}
