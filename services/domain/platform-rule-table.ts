import { BRANCH_RULES } from './platform-branch-rules.ts';
import { ENVIRONMENT_RULES } from './platform-environment-rules.ts';
import { HOOK_RULES } from './platform-hook-rules.ts';
import type { PlatformRule } from './platform-rules.ts';

/** Every property that a delivery platform should have. */
export const PLATFORM_RULES: readonly PlatformRule[] = [...ENVIRONMENT_RULES, ...BRANCH_RULES, ...HOOK_RULES];
