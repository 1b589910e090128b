import { type DecisionClass, pathGlobsOf } from '../../services/domain/contract.ts';
import { type JudgeInput, judge } from '../../services/domain/judge.ts';
import { matchPaths } from '../../services/domain/scan-head.ts';
import { atOnce } from '../../services/domain/steps.ts';
import { EXCEPTIONS, FINDINGS, type JudgeScene, RULES, setJudgeScene } from './judge-scene.ts';
import { type Line, line } from './line.ts';
import { median } from './load.ts';
import { casbin, factsOf, jsonRulesEngine, type RuleEngine } from './rule-engines.ts';

/** The first few are still being compiled. */
const ROUNDS = 25;
const BAR_MS = 50;

/**
 * One gate with 10,000 findings under 200 rules and 100 exceptions, beside general engines with the same rules; that
 * all three decide every finding alike is checked first.
 */
export async function judging(): Promise<readonly Line[]> {
  const scene = setJudgeScene();
  const expected = decisionsOf(scene.apart);
  equal('grouped as they are stored', decisionsOf(scene.stored), expected);
  const what = `${FINDINGS} findings × ${RULES} rules × ${EXCEPTIONS} exceptions`;
  const apart = timeOf(scene.apart);
  const lines = [
    line(`${what}, each a group of its own`, 'ms of CPU', apart, undefined, {
      bar: `at most ${BAR_MS} ms`,
      met: apart <= BAR_MS,
    }),
    line(`${what}, grouped as they are stored`, 'ms of CPU', timeOf(scene.stored)),
  ];
  const engines = [
    { engine: jsonRulesEngine(scene.contract), times: 100 },
    { engine: await casbin(scene.contract), times: 50 },
  ];
  for (const { engine, times } of engines) {
    const { ms, decisions } = await decideAll(engine, scene);
    equal(engine.name, decisions, expected);
    const bar = { bar: `at most 1/${times}`, met: apart * times <= ms };
    lines.push(line(`${what}, each a group of its own`, 'ms of CPU', apart, { what: engine.name, value: ms }, bar));
  }
  return lines;
}

function timeOf(input: JudgeInput): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const begun = process.cpuUsage();
    judge(input);
    return millisecondsSince(begun);
  });
  return median(times);
}

/** Of CPU, with what the collector takes beside: another process on the same core is not counted. */
function millisecondsSince(begun: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1_000;
}

type Decisions = ReadonlyMap<string, DecisionClass>;

/** Fingerprint → class; what is shown nowhere is monitored. */
function decisionsOf(input: JudgeInput): Decisions {
  const { blocks, warns } = judge(input);
  const shown = [...blocks, ...warns].flatMap(({ fingerprints, decision }) =>
    fingerprints.map((print) => [print, decision] as const),
  );
  return new Map(shown);
}

async function decideAll(engine: RuleEngine, { findings, exceptions, contract, apart }: JudgeScene) {
  const { environment, now } = apart;
  const matched = atOnce(matchPaths(findings, pathGlobsOf(contract)));
  const facts = findings.map((finding) => factsOf(finding, environment, matched));
  const excepted = new Set(
    exceptions.filter(({ expiresAt }) => now < expiresAt).flatMap((one) => one.fingerprints ?? []),
  );
  const decisions = new Map<string, DecisionClass>();
  const begun = process.cpuUsage();
  for (const [index, { fingerprint }] of findings.entries()) {
    const decision = await engine.decide(facts[index] as (typeof facts)[number]);
    const isExcepted = decision === 'block' && excepted.has(fingerprint);
    if (decision !== 'monitor') decisions.set(fingerprint, isExcepted ? 'warn' : decision);
  }
  return { ms: millisecondsSince(begun), decisions };
}

/** A faster engine that decides otherwise is none. */
function equal(who: string, decisions: Decisions, expected: Decisions): void {
  const classes = new Set(expected.values());
  if (!classes.has('block') || !classes.has('warn')) throw new Error('the findings do not try the rules');
  for (const print of new Set([...expected.keys(), ...decisions.keys()])) {
    const [theirs = 'monitor', ours = 'monitor'] = [decisions.get(print), expected.get(print)];
    if (theirs !== ours) throw new Error(`${who}: finding ${print} is ${theirs} instead of ${ours}`);
  }
}
