import { type Ask, type Gate, isSettled } from '../services/domain/gate.ts';
import { isService, type OutsideIdentity } from '../services/domain/person.ts';
import { openLevels } from '../services/domain/quorum.ts';
import { EXCLUSIONS } from '../services/domain/route.ts';
import { branchWords } from './branch-words.ts';
import { type Fact, type FactSet, fact, timedFact } from './card.ts';
import { contextWords } from './context-words.ts';
import { approversOf, environmentOf, identityName, listOf, nameOf, requesterOf, servicesOf } from './names.ts';
import { levelWords, poolWords } from './progress.ts';
import { localTime } from './show-time.ts';
import { plain } from './text.ts';
import { EXCLUDED_WORDS, EXCLUSION_WORDS } from './words.ts';

const TEXT_MAX = 80;
const SHORT_COMMIT = 8;
const SERVICES_SHOWN = 3;

/** What is decided on. What we know ourselves stands first, so that no outside text can push it out of sight. */
export function gateFacts(gate: Gate): FactSet {
  const facts = [...whatFacts(gate), ...whoFacts(gate), fact('Request', gate.id)];
  return { type: 'FactSet', id: 'facts', facts, spacing: 'medium' };
}

function whatFacts(gate: Gate): Fact[] {
  return [
    fact('Environment', gate.observed ? `${environmentOf(gate)} (observed, not enforced)` : environmentOf(gate)),
    fact(gate.services.length === 1 ? 'Service' : 'Services', servicesOf(gate)),
    ...ownedFact(gate),
    fact('Run', `${plain(gate.run.pipeline.name, TEXT_MAX)} · ${plain(gate.run.name, TEXT_MAX)}`),
    fact('Requested by', requesterOf(gate)),
    fact('Source', sourceOf(gate)),
    ...previousFact(gate),
  ];
}

/** Of several services each by name. */
function ownedFact(gate: Gate): Fact[] {
  const context = gate.judgement?.context ?? [];
  if (context.length === 0) return [];
  const lines = context
    .slice(0, SERVICES_SHOWN)
    .map((one) => (context.length === 1 ? '' : `${plain(one.service, TEXT_MAX)}: `) + contextWords(one, gate));
  return [fact('Owner', lines.join('; '))];
}

/** Not before it was judged: until then it was not looked for. */
function previousFact({ judgement, previous }: Gate): Fact[] {
  if (judgement === undefined) return [];
  if (previous === undefined) return [fact('Last deploy', 'none known here: this is the first')];
  return [timedFact('Last deploy', `${nameOf(previous.runName)} on ${localTime(previous.at)}`)];
}

function whoFacts(gate: Gate): Fact[] {
  const { ask } = gate;
  if (ask === undefined || (gate.state !== 'asked' && !isSettled(gate.state))) return [];
  const barred = barredFrom(gate, ask);
  const unmatched = ask.unmatched.map(nameOf);
  return [
    fact('Approvers', approversFact(gate, ask)),
    ...(ask.levels.length === 1 ? [] : [fact('Levels', levelWords(ask, gate.votes).join('; '))]),
    ...(barred.length === 0 ? [] : [fact('May not decide', listOf(barred, 5))]),
    ...(unmatched.length === 0
      ? []
      : [fact('Unknown authors', `${listOf(unmatched, 5)}: nobody in the directory goes by that name`)]),
  ];
}

/** `Bob Baker or Carla Cruz (any 1 of 2 payments-leads)`: those whose answer is missing. */
function approversFact(gate: Gate, ask: Ask): string {
  const open = openLevels(ask, gate.votes).flatMap((index) => ask.levels[index] ?? []);
  const pools = (open.length === 0 ? ask.levels : open).map(poolWords).join('; ');
  return gate.state === 'asked' ? `${approversOf(gate)} (${pools})` : pools;
}

/** Members of the group who are excluded first, then those whom the rules exclude by what they did; else the rules. */
function barredFrom(gate: Gate, ask: Ask): string[] {
  const named = new Map<string, string>();
  const note = (name: string, why: string) => {
    if (!named.has(name.toLowerCase())) named.set(name.toLowerCase(), `${name} (${why})`);
  };
  for (const { name, why } of ask.levels.flatMap(({ excluded }) => excluded)) note(nameOf(name), EXCLUDED_WORDS[why]);
  const noteAll = (people: readonly OutsideIdentity[], why: string) => {
    for (const person of people.filter((one) => !isService(one))) note(identityName(person), why);
  };
  if (ask.excludes.includes('requester')) noteAll(gate.sources?.requesters ?? [], EXCLUDED_WORDS.requester);
  if (ask.excludes.includes('commit-authors')) noteAll(gate.sources?.authors ?? [], EXCLUDED_WORDS['commit-author']);
  const rules = EXCLUSIONS.filter((rule) => ask.excludes.includes(rule)).map((rule) => EXCLUSION_WORDS[rule]);
  return named.size > 0 ? [...named.values()] : rules;
}

function sourceOf(gate: Gate): string {
  const branches = branchWords(gate);
  return `${branchOf(gate)} · ${commitsOf(gate)}${branches === undefined ? '' : ` · ${branches}`}`;
}

export function branchOf(gate: Gate): string {
  return plain(gate.run.branch.replace(/^refs\/(heads|tags)\//, ''), TEXT_MAX);
}

function commitsOf(gate: Gate): string {
  const commits = [gate.run.commit, ...(gate.sources?.commits ?? []).map(({ commit }) => commit)];
  const short = [...new Set(commits.map(shortCommit))].filter((commit) => commit !== '');
  return `commit ${listOf(short, 3)}`;
}

export function shortCommit(commit: string): string {
  return plain(commit.slice(0, SHORT_COMMIT), SHORT_COMMIT);
}
