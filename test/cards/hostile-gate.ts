import type { Gate } from '../../services/domain/gate.ts';
import { aJudgement, aLevel, anAsk, aRun, aRunSources, aSample } from '../builders.ts';

/** Texts that try to be a link, a mention, a picture, a macro, and to hide or reorder what stands beside them. */
export function hostileGate(gate: Gate): Gate {
  const text =
    '\u202e<at>Everyone</at> [Approve](https://evil.example) ![x](https://evil.example/t.png) **bold** {{DATE(2020-01-01)}}\n# Z\u0301\u0301\u0301\u0301\u0301\u0301 ';
  const long = text.repeat(80);
  return {
    ...gate,
    run: aRun({ name: long, branch: long, requestedFor: { name: long }, pipeline: { id: 1, name: long } }),
    sources: aRunSources({ requesters: [{ name: long }], authors: [{ name: long }] }),
    ...(gate.ask === undefined
      ? {}
      : { ask: anAsk({ unmatched: [long, text], levels: [aLevel({ eligible: [{ oid: 'x', name: long }] })] }) }),
    judgement: aJudgement({
      blocks: (gate.judgement?.blocks ?? []).map((group) => ({
        ...group,
        rule: long,
        because: long,
        samples: [aSample({ message: long, path: long, help: long })],
      })),
      warns: (gate.judgement?.warns ?? []).map((group) => ({
        ...group,
        rule: long,
        samples: [aSample({ message: long, path: long })],
      })),
    }),
  };
}
