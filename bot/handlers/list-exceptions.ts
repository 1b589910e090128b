import { exceptionListCard, exceptionListText } from '../../cards/exception-list-card.ts';
import { exceptionUnreadText } from '../../cards/exception-words.ts';
import type { ExceptionFilter } from '../../services/domain/exception-list.ts';
import type { ExceptionLists } from '../../services/exception-lists.ts';
import type { Answer, TurnPerson } from '../answer.ts';

export function createListExceptions(lists: Pick<ExceptionLists, 'list'>) {
  return async (by: TurnPerson, filter: ExceptionFilter): Promise<Answer> => {
    const list = await lists.list(by, filter);
    if ('code' in list) return { text: exceptionUnreadText(list, by) };
    return { text: exceptionListText(list, by), card: exceptionListCard(list, by) };
  };
}
