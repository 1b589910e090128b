/** Further addresses of Azure DevOps Services, each with the organization below it. */
export type Host = 'advsec' | 'auditservice' | 'vsaex' | 'vssps';

/** Where a service of an organization is; a server of one's own has none, and one without TLS stands for all of them. */
export function hostOf(organization: string, host: Host): string | undefined {
  const url = URL.parse(organization);
  if (url?.hostname === 'dev.azure.com') return `https://${host}.dev.azure.com${url.pathname}`;
  const [, legacy] = /^([^.]+)\.visualstudio\.com$/.exec(url?.hostname ?? '') ?? [];
  if (legacy !== undefined) return `https://${host}.dev.azure.com/${legacy}`;
  return url?.protocol === 'http:' ? organization : undefined;
}
