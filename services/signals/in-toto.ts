import type { Provenance, SourceAt } from '../domain/provenance.ts';
import { listOf, member, objectOf, textOf } from './json-value.ts';
import { strictValue } from './strict-json.ts';

/** Media type of a signed in-toto statement. */
export const IN_TOTO = 'application/vnd.in-toto+json';
const SLSA = /^https:\/\/slsa\.dev\/provenance\/(v0\.2|v1)$/;
const STATEMENT = /^https:\/\/in-toto\.io\/Statement\/v(?:0\.1|1)$/;

/** An in-toto statement: what it is about, and what its predicate says where that is SLSA provenance. */
export interface Statement {
  readonly predicateType: string;
  /** Absent: the predicate is of another type. */
  readonly provenance?: Provenance;
}

/** The statement that was signed; undefined where these bytes are none, or say something twice. */
export function statementIn(payload: Uint8Array): Statement | undefined {
  try {
    return statementOf(strictValue(new TextDecoder('utf-8', { fatal: true }).decode(payload)));
  } catch (cause) {
    if (cause instanceof TypeError) return undefined;
    throw cause;
  }
}

/** https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md, and the version before it. */
export function statementOf(value: unknown): Statement | undefined {
  const predicateType = textOf(member(value, 'predicateType'));
  if (!STATEMENT.test(textOf(member(value, '_type')) ?? '') || predicateType === undefined) return undefined;
  const version = SLSA.exec(predicateType)?.[1];
  if (version === undefined) return { predicateType };
  const subjects = listOf(member(value, 'subject'));
  const name = textOf(member(subjects[0], 'name'));
  const predicate = member(value, 'predicate');
  return {
    predicateType,
    provenance: {
      ...(version === 'v1' ? slsa1(predicate) : slsa02(predicate)),
      artifacts: [...new Set(subjects.flatMap(checksumsOf))],
      ...(name === undefined ? {} : { name }),
    },
  };
}

const CHECKSUMS = { sha256: /^[0-9a-f]{64}$/, sha512: /^[0-9a-f]{128}$/ };

function checksumsOf(subject: unknown): string[] {
  const written = member(subject, 'digest');
  return Object.entries(CHECKSUMS).flatMap(([algorithm, shape]) => {
    const checksum = textOf(member(written, algorithm))?.toLowerCase() ?? '';
    return shape.test(checksum) ? [`${algorithm}:${checksum}`] : [];
  });
}

/** https://slsa.dev/spec/v1.0/provenance */
function slsa1(predicate: unknown) {
  const definition = member(predicate, 'buildDefinition');
  const builder = member(member(predicate, 'runDetails'), 'builder');
  return {
    ...builtBy(member(builder, 'id'), member(definition, 'buildType')),
    sources: sourcesOf(listOf(member(definition, 'resolvedDependencies'))),
  };
}

/** https://slsa.dev/spec/v0.2/provenance: where no material is a commit, that of the build's own configuration counts. */
function slsa02(predicate: unknown) {
  const materials = sourcesOf(listOf(member(predicate, 'materials')));
  const configured = sourcesOf([member(member(predicate, 'invocation'), 'configSource')]);
  return {
    ...builtBy(member(member(predicate, 'builder'), 'id'), member(predicate, 'buildType')),
    sources: materials.length > 0 ? materials : configured,
  };
}

function builtBy(id: unknown, type: unknown): Pick<Provenance, 'builder' | 'buildType'> {
  const [builder, buildType] = [textOf(id), textOf(type)];
  return {
    ...(builder === undefined ? {} : { builder }),
    ...(buildType === undefined ? {} : { buildType }),
  };
}

/** Of all that went into a build, what is a commit: the rest are images and packages. */
function sourcesOf(entries: readonly unknown[]): SourceAt[] {
  return entries
    .filter((entry) => objectOf(entry) !== undefined)
    .flatMap((entry) => {
      const digest = member(entry, 'digest');
      const commit = textOf(member(digest, 'gitCommit')) ?? textOf(member(digest, 'sha1'));
      const uri = textOf(member(entry, 'uri')) ?? '';
      return commit === undefined ? [] : [{ uri, commit }];
    });
}
