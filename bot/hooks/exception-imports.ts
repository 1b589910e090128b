import type { Request, Response } from 'express';
import { z } from 'zod';
import { sha256 } from '../../services/domain/checksum.ts';
import type { OutsideException } from '../../services/domain/outside-exception.ts';
import type { ExceptionImports } from '../../services/exception-imports.ts';
import type { AuthenticatePerson } from '../authenticate.ts';
import { sendProblem } from '../problem.ts';
import { broughtAnswer } from './brought-answer.ts';
import { textField } from './fields.ts';
import { readCall } from './read-call.ts';
import { exceptionProblem } from './refuse-exception.ts';
import { personProblem } from './refuse-person.ts';

const BODY_LIMIT = 1024 * 1024;

const BODY = z.strictObject({
  service: textField(200),
  environment: textField(200),
  control: textField(200).exactOptional(),
  file: textField(200),
  text: z.string(),
});

interface Needs {
  readonly authenticate: AuthenticatePerson;
  readonly exceptionImports: Pick<ExceptionImports, 'bring'>;
  /** Throws for what is no file of exceptions. */
  readonly read: (source: { readonly file: string; readonly text: string }) => OutsideFile;
}

interface OutsideFile {
  readonly source: OutsideException['source'];
  readonly entries: readonly OutsideException[];
  readonly problems: readonly string[];
}

/** `POST /api/exceptions/imports`: a person brings in what another tool lets pass, with their own token. */
export function createExceptionImportsHook({ authenticate, exceptionImports, read }: Needs) {
  return async (request: Request, response: Response): Promise<void> => {
    const by = await authenticate(request);
    if (typeof by === 'string') return sendProblem(response, personProblem(by));
    const asked = await readCall(request, BODY, BODY_LIMIT);
    if ('problem' in asked) return sendProblem(response, asked.problem);
    const { file, text, ...place } = asked.fields;
    const found = readFile(read, { file, text });
    if (typeof found === 'string')
      return sendProblem(response, { status: 422, code: 'file-refused', field: 'text', detail: found });
    const { source, entries, problems } = found;
    const wish = { ...place, source, entries, isWhole: problems.length === 0, by, checksum: sha256(text) };
    const answer = await exceptionImports.bring(wish);
    if (answer.kind === 'refused') return sendProblem(response, exceptionProblem(answer.why, by));
    const lines = answer.lines.map(({ entry: { line, name }, became }) => ({
      line,
      name,
      ...broughtAnswer(became, by),
    }));
    response.json({ source, entries: lines, gone: answer.gone, problems });
  };
}

function readFile(read: Needs['read'], source: { readonly file: string; readonly text: string }): OutsideFile | string {
  try {
    return read(source);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
