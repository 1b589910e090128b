import { z } from 'zod';
import { quoted } from '../ports/odata.ts';
import type { PullTarget, SignalPage, SignalSource } from '../ports/signal-source.ts';
import type { ArmPage } from './arm-pages.ts';
import { plansOff } from './defender-plans.ts';
import type { ArmCall, ResourceManagerOptions } from './resource-manager.ts';
import { createSubscriptions } from './subscriptions.ts';

/** One list of Azure Resource Manager below a subscription. */
interface List {
  readonly method: ArmCall['method'];
  /** What is said of its entries by their name, below the same place. */
  readonly metadata?: string;
  /** Below `/subscriptions/{id}/providers`, with its query. */
  readonly path: string;
}

interface Lists {
  /** Of their entries. */
  readonly format: string;
  /** Read one after the other. */
  readonly lists: readonly List[];
  /** Of what is switched on, without which they are empty; below the same place. */
  readonly plans?: string;
  /** Role without which Azure refuses. */
  readonly role: string;
}

/** Azure Policy says NonCompliant, Conflict or Error of what is wrong; what is Unknown waits for somebody's attestation. */
const WRONG = ['Compliant', 'Exempt', 'Protected', 'Unknown'].map((state) => `complianceState ne ${quoted(state)}`);

const POLICY: Lists = {
  format: 'azure-policy',
  lists: [
    {
      method: 'POST',
      path: `Microsoft.PolicyInsights/policyStates/latest/queryResults?api-version=2024-10-01&$filter=${encodeURIComponent(WRONG.join(' and '))}`,
    },
  ],
  role: 'Reader',
};

const DEFENDER: Lists = {
  format: 'defender',
  lists: [
    {
      method: 'GET',
      path: 'Microsoft.Security/assessments?api-version=2021-06-01',
      // Where severities stand: the list itself has none.
      metadata: 'Microsoft.Security/assessmentMetadata?api-version=2021-06-01',
    },
    { method: 'GET', path: 'Microsoft.Security/alerts?api-version=2022-01-01' },
  ],
  plans: 'Microsoft.Security/pricings?api-version=2024-01-01',
  role: 'Security Reader',
};

/** States of Azure Policy (Policy States, List Query Results For Subscription). */
export function createPolicyStates(options: ResourceManagerOptions): SignalSource {
  return createSubscriptionLists(options, POLICY);
}

/** Assessments and alerts of Microsoft Defender for Cloud (Assessments - List, Alerts - List), and which of its plans are on (Pricings - List). */
export function createDefenderSignals(options: ResourceManagerOptions): SignalSource {
  return createSubscriptionLists(options, DEFENDER);
}

function createSubscriptionLists(options: ResourceManagerOptions, { format, lists, plans, role }: Lists): SignalSource {
  const { origin, read, linked, whole, targets } = createSubscriptions(options, { what: format, role });
  const metadata = createMetadata(whole);

  return {
    name: format,
    targets,
    async page(target, next) {
      const off = plans && next === undefined ? plansOff(await whole(pathOf(target, plans), target)) : undefined;
      return { ...(await pageOf(target, next ?? '0 ')), ...(off === undefined ? {} : { missing: off }) };
    },
  };

  async function pageOf(target: PullTarget, next: string): Promise<SignalPage> {
    const [, at = '0', link = ''] = /^(\d+) (.*)$/s.exec(next) ?? [];
    const list = lists[Number(at)] as List;
    const { method } = list;
    const url = link === '' ? new URL(pathOf(target, list.path), origin) : linked(link, target);
    const said = await metadata(list, target, link === '');
    const answer = said(await read({ method, url, ...(method === 'POST' ? { body: '{}' } : {}) }));
    const following = followingOf(answer, Number(at), lists.length);
    return { body: withoutLink(answer), ...(following === undefined ? {} : { next: following }) };
  }
}

function pathOf({ id }: PullTarget, path: string): string {
  return `/subscriptions/${id}/providers/${path}`;
}

const entry = z.looseObject({ name: z.string(), properties: z.looseObject({ metadata: z.unknown().optional() }) });

/** Read once for each list, before its first page, and kept for one target at a time; what an entry says of itself stays. */
function createMetadata(whole: (path: string, within: PullTarget) => Promise<readonly unknown[]>) {
  let kept: { readonly id: string; readonly byName: ReadonlyMap<string, unknown> } | undefined;
  return async (list: List, target: PullTarget, isFirst: boolean) => {
    if (list.metadata === undefined) return (answer: ArmPage) => answer;
    if (isFirst || kept?.id !== target.id) {
      const all = await whole(pathOf(target, list.metadata), target);
      const named = all.flatMap((one) => entry.safeParse(one).data ?? []);
      kept = { id: target.id, byName: new Map(named.map(({ name, properties }) => [name.toLowerCase(), properties])) };
    }
    const { byName } = kept;
    return (answer: ArmPage) => ({ ...answer, value: answer.value.map((one) => described(one, byName)) });
  };
}

function described(one: unknown, byName: ReadonlyMap<string, unknown>): unknown {
  const { data } = entry.safeParse(one);
  const metadata = data && byName.get(data.name.toLowerCase());
  if (data === undefined || metadata === undefined || data.properties.metadata) return one;
  return { ...data, properties: { ...data.properties, metadata } };
}

/** The next page of this list, else the next list. */
function followingOf(answer: ArmPage, at: number, lists: number): string | undefined {
  const link = answer.nextLink || answer['@odata.nextLink'];
  if (link) return `${at} ${link}`;
  return at + 1 < lists ? `${at + 1} ` : undefined;
}

/** The link would have a reader say that there is more than it was given. */
function withoutLink({ value, '@odata.context': context }: ArmPage): Uint8Array {
  return Buffer.from(JSON.stringify({ ...(context ? { '@odata.context': context } : {}), value }));
}
