import type { TableClient } from '@azure/data-tables';

type Policy = Parameters<TableClient['pipeline']['addPolicy']>[0];

/** Tells the date that each answer of the store bears, as HTTP writes it. */
export function answerDates(dated: (date: string) => void): Policy {
  return {
    name: 'answerDates',
    sendRequest: async (request, next) => {
      const response = await next(request);
      const date = response.headers.get('date');
      if (date !== undefined) dated(date);
      return response;
    },
  };
}
