import type { Core } from '../core.ts';
import type { Outcome } from './outcome.ts';

export interface ConsoleCommand {
  /** Its words, then its arguments in `<>`, and those that may be left out in `[]`. */
  readonly usage: string;
  readonly meaning: string;
  /** Commander's notation and what it is for. */
  readonly options?: readonly {
    readonly flags: string;
    readonly meaning: string;
    readonly isRequired: boolean;
  }[];
  /** Every option as text; that of a flag is `true`, of one that may be given several times each is a line. `open` is for those that need the store or the policy: it rejects when the settings are wrong. */
  run(open: Open, args: readonly string[], options: Readonly<Record<string, string>>): Promise<Outcome>;
}

/** The core over the settings of the bot, or over another folder of policy files. */
type Open = (policy?: string) => Promise<Core>;
