import { exceptionListCard, exceptionListText } from '../../cards/exception-list-card.ts';
import { exceptionUnreadText } from '../../cards/exception-words.ts';
import type { ExceptionFilter, ExceptionList } from '../../services/domain/exception-list.ts';
import type { ExceptionLists } from '../../services/exception-lists.ts';
import type { ImportLists } from '../../services/import-lists.ts';
import type { Answer, TurnPerson } from '../answer.ts';

interface Needs {
  readonly exceptionLists: Pick<ExceptionLists, 'list'>;
  readonly importLists: Pick<ImportLists, 'list'>;
}

export function createListExceptions({ exceptionLists, importLists }: Needs) {
  return async (by: TurnPerson, filter: ExceptionFilter): Promise<Answer> => {
    const list = await exceptionLists.list(by, filter);
    if ('code' in list) return { text: exceptionUnreadText(list, by) };
    const shown = { ...list, ...(await unmanaged(by, list)) };
    return { text: exceptionListText(shown, by), card: exceptionListCard(shown, by) };
  };

  /** Of one service: of all of them every scope would be read. */
  async function unmanaged(
    by: TurnPerson,
    { filter: { which, service } }: ExceptionList,
  ): Promise<Pick<ExceptionList, 'unmanaged'>> {
    if (which !== 'open' || service === undefined) return {};
    const imports = await importLists.list(by, service);
    if ('code' in imports) return {};
    return { unmanaged: imports.rows.filter(({ standing }) => standing === 'unmanaged').length };
  }
}
