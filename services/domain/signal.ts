import { checksumIn } from './artifact.ts';
import type { Control } from './contract.ts';
import type { JudgedService, JudgeInput } from './judge.ts';
import type { ControlSignal } from './judgement.ts';
import { NO_COMMIT, type ScanHead } from './scan-head.ts';

const HOUR = 3_600_000;
/** What is so in an environment changes by itself: of no commit nothing is known for longer, whatever the category. */
const POSTURE_HOURS = 168;

/** For each control whether it is known to have run for what this service ships (contract.md, Evidence). */
export function signalsOf(input: JudgeInput, judged: JudgedService): ControlSignal[] {
  return input.contract.controls.map((control) => {
    const known = evidenceOf(control, input, judged);
    return {
      service: judged.name,
      control: control.name,
      category: control.signal.category,
      required: control.evidence.required.includes(input.environment.tier),
      ...known,
      tools: acceptedTools(control),
      owner: control.owner.fallback,
    };
  });
}

type Why = NonNullable<ControlSignal['why']>;

/** The nearest miss, so that the card can say what to do about it. */
function evidenceOf(
  control: Control,
  input: JudgeInput,
  judged: JudgedService,
): Pick<ControlSignal, 'state' | 'why' | 'asOf'> {
  const looked = judged.heads
    .filter((head) => isOf(control, head, judged))
    .map((head) => ({ head, flaw: flawOf(control, head, input) }));
  const sound = looked.filter(({ flaw }) => flaw === undefined).map(({ head }) => head);
  if (sound.length > 0) {
    const isPosture = sound.every(({ commit }) => commit === NO_COMMIT);
    const [asOf = ''] = sound.map(({ scannedAt }) => scannedAt).sort();
    return { state: 'known', ...(isPosture ? { asOf } : {}) };
  }
  const nearest: readonly Why[] = ['other-artifact', 'unverified', 'too-old', 'incomplete'];
  const why = nearest.find((one) => looked.some(({ flaw }) => flaw === one)) ?? 'absent';
  return { state: 'unknown', why };
}

function isOf(control: Control, head: ScanHead, judged: JudgedService): boolean {
  const { signal, evidence } = control;
  const tools = acceptedTools(control);
  return (
    head.category === signal.category &&
    (tools.length === 0 || tools.includes(head.tool)) &&
    (signal.timing.length === 0 || signal.timing.includes(head.timing)) &&
    isOfShipped(evidence, head, judged)
  );
}

function isOfShipped({ sameCommit, posture = false }: Control['evidence'], head: ScanHead, judged: JudgedService) {
  if (head.commit === NO_COMMIT) return posture || !sameCommit;
  return !sameCommit || judged.commits.includes(head.commit);
}

/** What another tool found says nothing about a control that is about certain tools. */
function acceptedTools({ signal, evidence }: Control): readonly string[] {
  return evidence.tools.length > 0 ? evidence.tools : signal.tools;
}

function flawOf(control: Control, head: ScanHead, input: JudgeInput): Why | undefined {
  if (!head.complete) return 'incomplete';
  const maxAge = control.evidence.maxAgeHours ?? (head.commit === NO_COMMIT ? POSTURE_HOURS : undefined);
  const age = Date.parse(input.arrivedAt) - Date.parse(head.scannedAt);
  // An age that cannot be told is too old.
  if (maxAge !== undefined && !(age <= maxAge * HOUR)) return 'too-old';
  if (control.evidence.verified && !head.verified) return 'unverified';
  return isOfArtifact(head, input) ? undefined : 'other-artifact';
}

/** Provenance is evidence for the artifacts that it is about: where the check names one by its checksum, for no other. */
function isOfArtifact({ category, artifacts = [] }: ScanHead, { artifact }: JudgeInput): boolean {
  const checksum = category === 'provenance' ? checksumIn(artifact) : undefined;
  return checksum === undefined || artifacts.includes(checksum);
}
