import { MATCH_KEYS, type Route, type RouteSubject } from '../../services/domain/route.ts';
import { chooseRoute } from '../../services/domain/routing.ts';
import { aRoute } from '../routes.ts';
import { type Line, line } from './line.ts';

const ROUTES = 1_000;
const SERVICES = 10_000;

/** How long it takes to find the route of one service among a thousand, beside a look at each of them. */
export async function routes(): Promise<readonly Line[]> {
  const all = Array.from({ length: ROUTES }, (_, index) => someRoute(index));
  const subjects = Array.from({ length: SERVICES }, (_, index) => aSubject(index));
  const [chosen, looked] = [[], []] as [number[], number[]];
  let found = 0;
  for (const subject of subjects) {
    chosen.push(
      timed(() => {
        found += chooseRoute(all, subject) === undefined ? 0 : 1;
      }),
    );
    looked.push(timed(() => all.filter(({ match }) => match.service === subject.service)));
  }
  if (found !== SERVICES) throw new Error(`${SERVICES - found} services have no route`);
  const bar = { bar: '< 1 ms', met: p99(chosen) < 1 };
  const beside = { what: 'one comparison with each route', value: p99(looked) };
  return [line('route of one service among 1,000, p99 of 10,000', 'ms', p99(chosen), beside, bar)];
}

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function p99(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0;
}

/** Of every breadth, and one for everything in prod. */
function someRoute(index: number): Route {
  const key = MATCH_KEYS[index % MATCH_KEYS.length] ?? 'service';
  const match = index === 0 ? { environment: 'prod' } : { environment: 'prod', [key]: `${key}-${index}` };
  return aRoute({ source: `routes.yaml:${index + 3}`, match });
}

function aSubject(index: number): RouteSubject {
  return {
    service: `service-${index % ROUTES}`,
    environment: 'prod',
    pipeline: `pipeline-${index % ROUTES}`,
    project: 'contoso',
    organization: 'contoso',
    team: `team-${index % ROUTES}`,
    subscription: `subscription-${index % ROUTES}`,
    managementGroup: 'mg',
    resourceGroups: [`rg-${index}`],
  };
}
