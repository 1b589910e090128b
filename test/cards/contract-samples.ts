import { contractCard } from '../../cards/contract-card.ts';
import { contractNewsCard } from '../../cards/contract-news-card.ts';
import type { ContractNews } from '../../services/domain/contract-change.ts';
import type { ContractView, RuleInForce } from '../../services/domain/contract-view.ts';

/** The contract with nothing to be done about it, with much to be done, none at all, and another one in its place. */
export function contractSamples() {
  return [
    { name: 'contract-fine', card: contractCard(aContractView()) },
    { name: 'contract-overdue', card: contractCard(overdue) },
    { name: 'contract-none', card: contractCard({ at: '2026-11-23T10:00:00.000Z', problems: overdue.problems }) },
    { name: 'contract-changed', card: contractNewsCard(weaker) },
  ];
}

/** Secrets block in every environment. */
export function aRuleInForce(over: Partial<RuleInForce['rule']> = {}, placed: Partial<RuleInForce> = {}): RuleInForce {
  return {
    control: 'secret-scanning',
    owner: 'group:security-leads',
    index: 0,
    // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
    rule: { when: {}, then: 'block', group: 'secret-exposure', escalate: [], ...over },
    ...placed,
  };
}

/** One block rule, enforced everywhere; nothing is overdue. */
export function aContractView(over: Partial<NonNullable<ContractView['contract']>> = {}): ContractView {
  return {
    at: '2026-11-23T10:00:00.000Z',
    readAt: '2026-11-23T06:12:00.000Z',
    problems: [],
    contract: {
      version: 7,
      checksum: '9f'.repeat(32),
      counts: { block: 1, warn: 12, monitor: 9 },
      blocks: [{ group: 'secret-exposure', rules: [aRuleInForce()] }],
      ahead: [],
      climbing: [],
      overdue: [],
      soon: [],
      observed: [],
      ...over,
    },
  };
}

const exploited = aRuleInForce(
  {
    when: { tier: ['production'], exploitability: ['known-exploited'], fixAvailable: true },
    from: '2027-01-15',
    group: 'release-integrity',
    justification: 'Known to be exploited and fixable: shipping it is a choice',
  },
  { control: 'dependency-scanning' },
);
const spreading = aRuleInForce(
  {
    // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
    then: 'warn',
    when: { severity: ['critical', 'high'] },
    escalate: [{ after: { services: 3 }, to: 'block', in: 'production' }],
  },
  { control: 'dependency-scanning' },
);
const severe = (decideBy: string, control: string) =>
  aRuleInForce(
    // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
    { then: 'warn', when: { tier: ['production'], severity: ['critical', 'high'] }, decideBy, dueDays: 14 },
    { control, owner: 'group:platform' },
  );

const overdue: ContractView = {
  knownExploited: [
    { file: 'known-exploited.json', count: 1403, version: '2026.11.20', released: '2026-11-20' },
    { file: 'known-exploited.yaml', count: 3 },
  ],
  ...aContractView({
    commit: '3f2c9a1b7d5e4860a1c2d3e4f5061728394a5b6c',
    counts: { block: 3, warn: 12, monitor: 9 },
    blocks: [
      { group: 'secret-exposure', rules: [aRuleInForce()] },
      {
        rules: [
          aRuleInForce(
            { when: { environment: ['prod'], rule: ['mandatory/**'] }, justification: 'Agreed with every team' },
            { control: 'configuration', service: 'payments-api' },
          ),
        ],
      },
    ],
    ahead: [exploited],
    climbing: [spreading],
    overdue: [severe('2026-11-01', 'iac')],
    soon: [severe('2026-12-01', 'sast')],
    observed: [{ environment: 'prod-b', until: '2027-02-01' }],
  }),
  problems: [
    'contract.yaml:41 controls.sast.evidence: is missing; allowed: a mapping with required, tools, sameCommit',
  ],
};

const weaker: ContractNews = {
  contractChange: {
    at: '2026-11-23T10:00:00.000Z',
    before: { version: 7, checksum: '9f'.repeat(32), commit: '3f2c9a1b7d5e4860a1c2d3e4f5061728394a5b6c' },
    after: { version: 7, checksum: 'a1'.repeat(32), commit: 'b81d5e4860a1c2d3e4f5061728394a5b6c3f2c9a' },
  },
  difference: {
    rules: [
      {
        control: 'secret-scanning',
        kind: 'loosened',
        before: aRuleInForce().rule,
        // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
        after: { when: {}, then: 'warn', because: 'Not yet calibrated', escalate: [] },
      },
      { control: 'dependency-scanning', kind: 'added', after: exploited.rule },
    ],
    parts: ['owner', 'control iac: expiry', 'environment prod'],
  },
  to: 'c2e34489-8d8a-4e19-9539-ef98ff5aee4e',
};
