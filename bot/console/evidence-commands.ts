import type { SignatureVerifier } from '../../services/ports/signature-verifier.ts';
import type { ConsoleCommand } from './command.ts';
import { eraseText } from './erase-text.ts';
import { verifyEvidence } from './verify-evidence.ts';

/** What is verified needs no setting, no store and no network. */
export function evidenceCommands(signatures: () => Promise<SignatureVerifier>): readonly ConsoleCommand[] {
  return [
    {
      usage: 'evidence verify <file>',
      meaning: 'whether an export of evidence is what was written; offline, the first thing that is wrong is named',
      options: [
        { flags: '--key <jwks>', meaning: 'file with the key that you know as the signer', isRequired: false },
        { flags: '--checkpoints <file>', meaning: 'log of checkpoints that was kept apart', isRequired: false },
      ],
      run: async (_, [file = ''], options) => verifyEvidence({ signatures: await signatures() }, { file, ...options }),
    },
    {
      usage: 'evidence erase <id>',
      meaning: 'take a free text out of the evidence of a request, exception or action; that it was there stays',
      options: [{ flags: '--field <name>', meaning: 'which: comment, reason, name, …', isRequired: true }],
      run: async (open, [id = ''], { field = '' }) =>
        eraseText((await open()).evidenceRecords, id, field, new Date().toISOString()),
    },
  ];
}
