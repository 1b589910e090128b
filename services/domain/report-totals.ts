import {
  DEPLOYMENT_OUTCOMES,
  type DeploymentOutcome,
  type DeploymentRow,
  isUndecided,
  SEPARATIONS,
  type SeparationStanding,
  separationStanding,
} from './deployment-row.ts';

/** How many rows there are of each kind: each kind of counts makes up `all`. */
export interface RowCounts {
  readonly all: number;
  readonly outcomes: Readonly<Record<DeploymentOutcome, number>>;
  readonly separations: Readonly<Record<SeparationStanding, number>>;
  /** Of `all`: those that went on without a decision that let them. */
  readonly undecided: number;
}

export interface EnvironmentCounts extends RowCounts {
  readonly environment: string;
  readonly isProtected: boolean;
}

/** `environments` make up `all`, each row being of one. */
export interface ReportTotals {
  readonly all: RowCounts;
  /** By name. */
  readonly environments: readonly EnvironmentCounts[];
}

export function reportTotals(rows: readonly DeploymentRow[]): ReportTotals {
  const by = [...Map.groupBy(rows, ({ record }) => record.environment)].sort(([a], [b]) => (a < b ? -1 : 1));
  const environments = by.map(([environment, own]) => ({
    environment,
    isProtected: own.some(({ isProtected }) => isProtected),
    ...countsOf(own),
  }));
  return { all: countsOf(rows), environments };
}

function countsOf(rows: readonly DeploymentRow[]): RowCounts {
  return {
    all: rows.length,
    outcomes: counted(DEPLOYMENT_OUTCOMES, rows, ({ outcome }) => outcome),
    separations: counted(SEPARATIONS, rows, ({ decision }) => separationStanding(decision?.approvals ?? [])),
    undecided: rows.filter(isUndecided).length,
  };
}

function counted<T extends string>(
  words: readonly T[],
  rows: readonly DeploymentRow[],
  of: (row: DeploymentRow) => T,
): Readonly<Record<T, number>> {
  const count = (word: T) => rows.filter((row) => of(row) === word).length;
  return Object.fromEntries(words.map((word) => [word, count(word)])) as Record<T, number>;
}
