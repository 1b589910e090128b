export const CLOUDS = ['public', 'usgov', 'china'] as const;
export type Cloud = (typeof CLOUDS)[number];

/** One Bot Service cloud: who signs what we receive, where our own tokens come from, which hosts may get them. */
export interface CloudEndpoints {
  /** `iss` of every token that the Bot Connector sends. */
  readonly issuer: string;
  /** OpenID metadata of that issuer. */
  readonly openIdMetadataUrl: string;
  readonly emulatorOpenIdMetadataUrl: string;
  readonly loginUrl: (tenantId: string) => string;
  readonly scope: string;
  readonly oauthUrl: string;
  readonly callerId: string;
  /** Hosts of `serviceUrl`; `*.` stands for one or more labels. */
  readonly hosts: readonly string[];
}

/**
 * Public and US government: constants of botframework-connector 4.23.3. China: Microsoft's guide for bots in Azure
 * operated by 21Vianet. Hosts: Microsoft's list of Teams service URLs (public and GCC; GCC High and DoD; 21Vianet).
 */
export const CLOUD_ENDPOINTS: Readonly<Record<Cloud, CloudEndpoints>> = {
  public: {
    issuer: 'https://api.botframework.com',
    openIdMetadataUrl: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
    emulatorOpenIdMetadataUrl: 'https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration',
    loginUrl: (tenantId) => `https://login.microsoftonline.com/${tenantId}`,
    scope: 'https://api.botframework.com',
    oauthUrl: 'https://api.botframework.com',
    callerId: 'urn:botframework:azure',
    hosts: ['smba.trafficmanager.net', 'smba.infra.gcc.teams.microsoft.com', '*.botframework.com'],
  },
  usgov: {
    issuer: 'https://api.botframework.us',
    openIdMetadataUrl: 'https://login.botframework.azure.us/v1/.well-known/openidconfiguration',
    emulatorOpenIdMetadataUrl:
      'https://login.microsoftonline.us/cab8a31a-1906-4287-a0d8-4eef66b95f6e/v2.0/.well-known/openid-configuration',
    loginUrl: (tenantId) => `https://login.microsoftonline.us/${tenantId}`,
    scope: 'https://api.botframework.us',
    oauthUrl: 'https://api.botframework.azure.us',
    callerId: 'urn:botframework:azureusgov',
    hosts: ['smba.infra.gov.teams.microsoft.us', 'smba.infra.dod.teams.microsoft.us', '*.botframework.azure.us'],
  },
  china: {
    issuer: 'https://api.botframework.azure.cn',
    openIdMetadataUrl: 'https://login.botframework.azure.cn/v1/.well-known/openidconfiguration',
    emulatorOpenIdMetadataUrl:
      'https://login.partner.microsoftonline.cn/a55a4d5b-9241-49b1-b4ff-befa8db00269/v2.0/.well-known/openid-configuration',
    loginUrl: (tenantId) => `https://login.partner.microsoftonline.cn/${tenantId}`,
    scope: 'https://api.botframework.azure.cn',
    oauthUrl: 'https://token.botframework.azure.cn/',
    callerId: '',
    hosts: ['frontend.botapi.msg.infra.teams.microsoftonline.cn', '*.botframework.azure.cn'],
  },
};

/** Where tenants of the US government's community cloud live, which is part of the public one. */
export const GCC_URL = 'https://smba.infra.gcc.teams.microsoft.com/teams';

/** Which connectors may be talked to: those of the cloud, or in local mode this machine alone. */
export interface ServiceUrlRule {
  readonly hosts: readonly string[];
  readonly local: boolean;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * True when our token may go to this address: https on its own port at a host of the list; in local mode http or https
 * on loopback and nowhere else. Checked when a conversation is learnt and again at every send.
 */
export function isAllowedServiceUrl(serviceUrl: string, rule: ServiceUrlRule): boolean {
  const url = URL.parse(serviceUrl);
  if (url === null || !isWrittenAsRead(serviceUrl, url)) return false;
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return false;
  if (rule.local) return /^https?:$/.test(url.protocol) && LOOPBACK.test(url.hostname);
  return url.protocol === 'https:' && url.port === '' && rule.hosts.some((host) => matches(url.hostname, host));
}

/** A parser repairs what another one takes for a different host: backslashes, blanks, signs that look like a dot. */
function isWrittenAsRead(serviceUrl: string, { origin }: URL): boolean {
  const rest = serviceUrl.slice(origin.length);
  return serviceUrl.toLowerCase().startsWith(origin) && /^(?::\d+)?(?:\/[^\\\s]*)?$/.test(rest);
}

function matches(hostname: string, pattern: string): boolean {
  return pattern.startsWith('*.') ? hostname.endsWith(pattern.slice(1)) : hostname === pattern;
}
