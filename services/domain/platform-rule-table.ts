import { BRANCH_RULES } from './platform-branch-rules.ts';
import { CONNECTION_RULES } from './platform-connection-rules.ts';
import { ENVIRONMENT_RULES } from './platform-environment-rules.ts';
import { HOOK_RULES } from './platform-hook-rules.ts';
import { IDENTITY_RULES } from './platform-identity-rules.ts';
import { PEOPLE_RULES } from './platform-people-rules.ts';
import { PROJECT_CREDENTIAL_RULES } from './platform-project-rules.ts';
import { ROLE_RULES } from './platform-role-rules.ts';
import type { PlatformRule } from './platform-rules.ts';

/** Every property that a delivery platform should have. */
export const PLATFORM_RULES: readonly PlatformRule[] = [
  ENVIRONMENT_RULES,
  BRANCH_RULES,
  HOOK_RULES,
  CONNECTION_RULES,
  IDENTITY_RULES,
  PROJECT_CREDENTIAL_RULES,
  PEOPLE_RULES,
  ROLE_RULES,
].flat();
