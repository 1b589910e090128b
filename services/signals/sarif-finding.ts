import type { Finding } from '../domain/finding.ts';

type Given = Exclude<
  keyof Finding,
  'exploitability' | 'policyDefinition' | 'policyAssignment' | 'policyReference' | 'asset' | 'at'
>;
type Optional = 'path' | 'line' | 'help' | 'fixAvailable' | 'vulnerability';
type Members = { readonly [Key in Given]-?: Finding[Key] | (Key extends Optional ? undefined : never) };

/** A class, because its objects are as small as what they hold: a long report has half a million. */
export class SarifFinding implements Finding {
  readonly fingerprint: Finding['fingerprint'];
  readonly category: Finding['category'];
  readonly tool: Finding['tool'];
  readonly rule: Finding['rule'];
  readonly severity: Finding['severity'];
  readonly message: Finding['message'];
  readonly suppressed: Finding['suppressed'];
  declare readonly path?: string;
  declare readonly line?: number;
  declare readonly help?: string;
  declare readonly fixAvailable?: boolean;
  declare readonly vulnerability?: NonNullable<Finding['vulnerability']>;

  constructor(members: Members) {
    this.fingerprint = members.fingerprint;
    this.category = members.category;
    this.tool = members.tool;
    this.rule = members.rule;
    this.severity = members.severity;
    this.message = members.message;
    this.suppressed = members.suppressed;
    if (members.path !== undefined) this.path = members.path;
    if (members.line !== undefined) this.line = members.line;
    if (members.help !== undefined) this.help = members.help;
    if (members.fixAvailable !== undefined) this.fixAvailable = members.fixAvailable;
    if (members.vulnerability !== undefined) this.vulnerability = members.vulnerability;
  }
}
