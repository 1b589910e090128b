import { z } from 'zod';
import { FIELD_WORDS } from '../../cards/exception-words.ts';
import { listOf } from '../../cards/names.ts';
import { clean } from '../../cards/text.ts';
import type { ExceptionField } from '../../services/domain/exception-refusal.ts';
import { REFUSALS } from '../../services/domain/refusal.ts';
import { EXCEPTION_CODES } from '../exception-codes.ts';
import type { Outcome } from './outcome.ts';
import { type PersonCall, postAsPerson, refusedWith } from './person-call.ts';

const LINE = z.object({
  line: z.number(),
  name: z.string(),
  became: z.enum(['unmanaged', 'ended', 'unmatched', 'requested', 'refused', 'later']),
  missing: z.array(z.string()).optional(),
  until: z.string().optional(),
  reason: z.string().optional(),
  exceptionIds: z.array(z.string()).optional(),
  detail: z.string().optional(),
});
const BROUGHT = z.object({
  source: z.string(),
  entries: z.array(LINE),
  gone: z.number(),
  problems: z.array(z.string()),
});

/** What the bot may say no by; of everything else nobody knows what came of it. */
const NO = [...REFUSALS, ...Object.keys(EXCEPTION_CODES), 'file-refused'];
const NAME_MAX = 200;
const TEXT_MAX = 2_000;

/** `exceptions import FILE`: kept and requested by the running bot, a line for each entry. No when something is left for people to do. */
export async function bringExceptions(
  call: PersonCall,
  source: { readonly file: string; readonly text: string },
  { service, environment, control }: Readonly<Record<string, string>>,
): Promise<Outcome> {
  if (service === undefined || environment === undefined)
    throw new Error(
      '--service and --environment say together where the exceptions are wanted; --dry-run looks at the file alone',
    );
  const place = { service, environment, ...(control === undefined ? {} : { control }) };
  const answered = await postAsPerson(call, '/api/exceptions/imports', { ...place, ...source });
  if (answered.status !== 200) return { exitCode: 1, lines: [], remarks: [refusedWith(NO, call, answered)] };
  const { source: tool, entries, gone, problems } = BROUGHT.parse(answered.answer);
  const lines = entries.map((one) =>
    [one.became, tool, `line ${one.line}`, clean(one.name, NAME_MAX), clean(saidOf(one), TEXT_MAX)].join('\t'),
  );
  const isDone = entries.every(({ became }) => became === 'requested' || became === 'ended');
  const none = entries.length === 0 ? ['No exceptions in this file.'] : [];
  const left = gone === 0 ? [] : [`${gone} that were brought in before are not in this file any more.`];
  const unsure =
    problems.length === 0 ? [] : ['What could not be read may be there still: nothing was taken for gone.'];
  return { exitCode: isDone ? 0 : 1, lines, remarks: [...problems, ...unsure, ...none, ...left] };
}

function saidOf({ became, missing = [], until, reason, exceptionIds = [], detail = '' }: z.infer<typeof LINE>): string {
  switch (became) {
    case 'unmanaged':
      return `it does not say ${listOf(
        missing.map((field) => FIELD_WORDS[field as ExceptionField] ?? field),
        9,
      )}`;
    case 'ended':
      return `after ${until}`;
    case 'unmatched':
      return reason === 'narrower'
        ? 'it is limited by what nothing here can tell: choose its findings yourself'
        : 'nothing that blocks there is of its rule';
    case 'requested':
      return exceptionIds.join(', ');
    case 'refused':
      return detail;
    case 'later':
      return 'so many are asked for at once: import the file again';
  }
}
