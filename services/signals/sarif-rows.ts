import type { ResultRow } from './sarif-result.ts';
import { LEVELS } from './sarif-severity.ts';

/** Rows in one pack. */
const PACK = 250;
/** Numbers of a row, the lengths of its three texts among them. */
const NUMBERS = 7;

interface Pack {
  readonly numbers: Uint32Array;
  /** One after another: findings keep slices of it. */
  readonly messages: string;
  /** Context and rare parts of each row. */
  readonly others: string;
}

/** Rows in order, in a few long texts and lists of numbers: as objects they would be most of the memory of a long report. */
export class PackedRows {
  readonly #packs: (Pack | undefined)[] = [];
  #numbers: number[] = [];
  #messages: string[] = [];
  #others: string[] = [];
  length = 0;

  push({ rule, place, line = 0, level, message, context, rare }: ResultRow): void {
    const written = rare === undefined ? '' : JSON.stringify(rare);
    const levelAt = level === undefined ? LEVELS.length : LEVELS.indexOf(level);
    this.#numbers.push(rule, place, line, levelAt, message.length, context.length, written.length);
    this.#messages.push(message);
    this.#others.push(context, written);
    if (++this.length % PACK === 0) this.#pack();
  }

  /** A few hundred at a time. Once only: what was given is let go. */
  *take(): Generator<readonly ResultRow[]> {
    this.#pack();
    for (let at = 0; at < this.#packs.length; at++) {
      const pack = this.#packs[at];
      this.#packs[at] = undefined;
      if (pack !== undefined) yield rowsOf(pack);
    }
  }

  #pack(): void {
    const [messages, others] = [this.#messages.join(''), this.#others.join('')];
    this.#packs.push({ numbers: Uint32Array.from(this.#numbers), messages, others });
    this.#numbers = [];
    this.#messages = [];
    this.#others = [];
  }
}

function rowsOf({ numbers, messages, others }: Pack): ResultRow[] {
  const rows: ResultRow[] = [];
  let message = 0;
  let context = 0;
  for (let at = 0; at < numbers.length; at += NUMBERS) {
    const messageEnd = message + (numbers[at + 4] as number);
    const rare = context + (numbers[at + 5] as number);
    const rareEnd = rare + (numbers[at + 6] as number);
    rows.push({
      rule: numbers[at] as number,
      place: numbers[at + 1] as number,
      line: numbers[at + 2] || undefined,
      level: LEVELS[numbers[at + 3] as number],
      message: messages.slice(message, messageEnd),
      context: others.slice(context, rare),
      rare: rare === rareEnd ? undefined : JSON.parse(others.slice(rare, rareEnd)),
    });
    message = messageEnd;
    context = rareEnd;
  }
  return rows;
}
