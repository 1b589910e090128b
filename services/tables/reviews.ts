import { EMPTY_CHAIN, nextEntry } from '../domain/evidence.ts';
import type { PersonActor } from '../domain/person.ts';
import { periodOf, type Review, subjectOf } from '../domain/review.ts';
import type { Random } from '../ports/clock.ts';
import type { Reviews, StoredReview } from '../ports/reviews.ts';
import { ConflictError, type Row, type Table, type Write } from '../ports/table.ts';
import { evidenceWrite } from './evidence-row.ts';
import { component, key, prefixRange } from './keys.ts';

interface Needs {
  readonly table: Table;
  readonly tenant: string;
  readonly random: Random;
}

const REVIEW = 'r';
const EVIDENCE = 'e';

/** Reviews in table `roll`, one partition for the tenant: a row for each period, replaced by its ETag. */
export function createReviews({ table, tenant, random }: Needs): Reviews {
  const partition = key(component(tenant), 'review');

  async function write(
    review: Review,
    before: StoredReview | undefined,
    also: readonly Write[],
  ): Promise<StoredReview | undefined> {
    const row = reviewRow(review.id);
    const values = { review: JSON.stringify(review) };
    const own: Write =
      before === undefined ? { kind: 'create', row, values } : { kind: 'replace', row, values, etag: before.etag };
    try {
      const etags = await table.commit('roll', partition, [own, ...also]);
      return { review, etag: etags.get(row) ?? '' };
    } catch (error) {
      if (error instanceof ConflictError) return undefined;
      throw error;
    }
  }

  return {
    since: async (date) => {
      const ranges = [{ from: reviewRow(date), before: prefixRange(REVIEW).before }];
      return (await table.list('roll', partition, { ranges })).map(decoded);
    },
    read: async (id) => {
      const row = await table.get('roll', partition, reviewRow(id));
      return row === undefined ? undefined : decoded(row);
    },
    put: (review, before) => write(review, before, []),
    record: (review, before, actor) =>
      write(review, before, [evidenceOf({ tenant, random }, review.id, review.recorded, actor)]),
  };
}

function reviewRow(id: string): string {
  return key(REVIEW, component(id));
}

function decoded({ etag, values }: Row): StoredReview {
  return { etag, review: JSON.parse(String(values['review'])) as Review };
}

/** The only link of its chain: a review is recorded once. */
function evidenceOf(
  { tenant, random }: Pick<Needs, 'tenant' | 'random'>,
  id: string,
  { at, seen, op }: NonNullable<Review['recorded']>,
  actor: PersonActor,
): Write {
  const salt = Buffer.from(random.bytes(16)).toString('hex');
  const subject = subjectOf({ id });
  const draft = { kind: `${subject}-reviewed`, actor, data: { period: periodOf({ id }), seen } };
  const entry = nextEntry(EMPTY_CHAIN, draft, { aggregate: `${tenant} review ${id}`, at, op, salt });
  return evidenceWrite([EVIDENCE, component(id)], entry);
}
