import type { Answer, TurnPerson } from './answer.ts';
import type { Command } from './commands.ts';

export interface DigestHandlers {
  readonly digest: (by: TurnPerson) => Promise<Answer>;
  readonly subscribe: (by: TurnPerson, scope: string, wish: 'subscribe' | 'unsubscribe') => Promise<Answer>;
}

/** What is told once a day, and to whom beside the owners. */
export function digestCommands(handlers: DigestHandlers): readonly Command[] {
  return [
    {
      usage: 'digest',
      meaning: 'warnings that you or a group of yours owns: overdue, escalating, new',
      pattern: /^digest$/i,
      run: (by) => handlers.digest(by),
    },
    {
      usage: 'subscribe SCOPE',
      meaning: 'have everything of a service or environment in your daily digest',
      pattern: /^subscribe (?<scope>\S{1,100})$/i,
      run: (by, { scope = '' }) => handlers.subscribe(by, scope, 'subscribe'),
    },
    {
      usage: 'unsubscribe SCOPE',
      meaning: 'have only what you own of it',
      pattern: /^unsubscribe (?<scope>\S{1,100})$/i,
      run: (by, { scope = '' }) => handlers.subscribe(by, scope, 'unsubscribe'),
    },
  ];
}
