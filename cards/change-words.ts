import type { Change } from '../services/domain/changes.ts';
import { grouped } from './names.ts';
import { plain } from './text.ts';

const NAME_MAX = 40;

/** `+1 warn`, `EX-12 ended`: one thing that is different from what people were asked before. */
export function changeWords(change: Change): string {
  switch (change.kind) {
    case 'findings': {
      const { more, fewer, decision } = change;
      return [more > 0 ? `+${grouped(more)} ${decision}` : '', fewer > 0 ? `−${grouped(fewer)} ${decision}` : '']
        .filter(Boolean)
        .join(', ');
    }
    case 'exception-used':
      return `${plain(change.id, NAME_MAX)} is used`;
    case 'exception-ended':
      return `${plain(change.id, NAME_MAX)} ended`;
    case 'signal':
      return `${plain(change.control, NAME_MAX)} ${change.state === 'known' ? 'has reported' : 'has no valid report any more'}`;
    case 'commits':
      return 'other commits';
    case 'rules':
      return 'the rules of the contract';
    case 'route':
      return 'who has to approve';
  }
}
