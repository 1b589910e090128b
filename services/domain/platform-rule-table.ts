import type { PlatformRule } from './platform-rules.ts';

/** Every property that a delivery platform should have. */
export const PLATFORM_RULES: readonly PlatformRule[] = [];
