import { z } from 'zod';
import type { Catalog } from '../domain/catalog.ts';
import { type FoundTargets, type PullTarget, SourceRefusedError } from '../ports/signal-source.ts';
import { createArmPages } from './arm-pages.ts';
import type { ArmCall, ResourceManagerOptions } from './resource-manager.ts';

const SUBSCRIPTIONS = '/subscriptions?api-version=2022-12-01';
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MOST_PAGES = 50;

const subscription = z.object({ subscriptionId: z.string().toLowerCase(), displayName: z.string() });

/**
 * What is read of subscriptions, page by page, with the identity of the host. `role`: without which Azure refuses. Each rejects with
 * SourceUnavailableError or SourceRefusedError.
 */
export function createSubscriptions(
  options: ResourceManagerOptions,
  { what, role }: { readonly what: string; readonly role: string },
) {
  const { origin, ...pages } = createArmPages(options, role);
  const read = (call: ArmCall) => pages.read(call, what);
  /** Nothing of another subscription, whatever Azure names as the next page. */
  const linked = (link: string, target: PullTarget | undefined) =>
    pages.linked(link, target === undefined ? '/subscriptions' : `/subscriptions/${target.id}/`);

  /** Every entry of a list that is short. */
  async function whole(path: string, within: PullTarget | undefined): Promise<readonly unknown[]> {
    const found = [];
    let url: URL | undefined = new URL(path, origin);
    for (let pages = 0; url !== undefined; pages += 1) {
      if (pages === MOST_PAGES) throw new SourceRefusedError(`Azure has more pages of ${url.pathname} than are read`);
      const { value, nextLink } = await read({ method: 'GET', url });
      found.push(...value);
      url = nextLink ? linked(nextLink, within) : undefined;
    }
    return found;
  }

  const visible = async () =>
    (await whole(SUBSCRIPTIONS, undefined)).flatMap((one) => subscription.safeParse(one).data ?? []);
  return { origin, read, linked, whole, targets: (catalog: Catalog) => targetsIn(namedIn(catalog), visible) };
}

/** By name or id, lower case. */
function namedIn({ services }: Catalog): ReadonlySet<string> {
  const environments = [...services.values()].flatMap((service) => [...service.environments.values()]);
  return new Set(environments.flatMap(({ subscription: named }) => named?.toLowerCase() ?? []));
}

async function targetsIn(
  named: ReadonlySet<string>,
  visible: () => Promise<readonly z.output<typeof subscription>[]>,
): Promise<FoundTargets> {
  const isAsked = [...named].some((one) => !ID.test(one));
  const known = isAsked ? await visible() : [];
  const wanted = known.filter((one) => named.has(one.subscriptionId) || named.has(one.displayName.toLowerCase()));
  const seen = new Set(wanted.flatMap((one) => [one.subscriptionId, one.displayName.toLowerCase()]));
  const unseen = [...named].filter((one) => !seen.has(one));
  return {
    targets: [
      ...wanted.map(({ subscriptionId: id, displayName: name }) => ({ id, name })),
      ...unseen.filter((one) => ID.test(one)).map((id) => ({ id, name: id })),
    ],
    unseen: new Map(
      unseen
        .filter((one) => !ID.test(one))
        .map((one) => [one, 'the bot sees no subscription of this name: give its identity the role Reader there']),
    ),
  };
}
