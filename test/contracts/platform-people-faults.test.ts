import { describe, expect, test } from 'vitest';
import { createConnection } from '../../services/azure-devops/connection.ts';
import { createAuditingReader } from '../../services/azure-devops/platform-auditing.ts';
import { createPeopleReader } from '../../services/azure-devops/platform-people.ts';
import { createReachReader } from '../../services/azure-devops/platform-reach.ts';
import { createPlatformRead, type SectionReader } from '../../services/azure-devops/platform-read.ts';
import { createTokenReader } from '../../services/azure-devops/platform-tokens.ts';
import type { SectionKind } from '../../services/domain/platform.ts';
import { SourceRefusedError, SourceUnavailableError } from '../../services/ports/signal-source.ts';
import { signInPage, throttled } from '../fakes/azure-devops-faults.ts';
import { startStranger } from './azure-devops-scene.ts';
import { anEnvironment, environmentsOf, NOW, type PeopleScene, peopleScene, reachOf } from './platform-people-scene.ts';

interface Case {
  readonly kind: SectionKind;
  /** One route of each kind that it asks, and the permission that is named when that is refused. */
  readonly routes: readonly (readonly [RegExp, string])[];
  reader(scene: PeopleScene): SectionReader<never>;
}

const CASES: readonly Case[] = [
  {
    kind: 'reach',
    reader: () => createReachReader(undefined) as unknown as SectionReader<never>,
    routes: [
      [/graph\/descriptors/, 'vso.graph'],
      [/graph\/groups/, 'vso.graph'],
      [/graph\/memberships/, 'vso.graph'],
      [/graph\/subjectlookup/, 'vso.graph'],
      [/identities/, 'vso.identity'],
    ],
  },
  {
    kind: 'people',
    reader: ({ identity }) => createPeopleReader({ identity, now: () => NOW }) as unknown as SectionReader<never>,
    routes: [
      [/connectionData/, 'vso.graph'],
      [/userentitlements/, 'vso.memberentitlementmanagement'],
      [/graph\/serviceprincipals/, 'vso.graph'],
    ],
  },
  {
    kind: 'tokens',
    reader: () => createTokenReader() as unknown as SectionReader<never>,
    routes: [
      [/identities/, 'vso.identity'],
      [/graph\/users/, 'vso.graph'],
      [/personalaccesstokens/, 'vso.tokenadministration'],
    ],
  },
  {
    kind: 'auditing',
    reader: () => createAuditingReader(() => NOW) as unknown as SectionReader<never>,
    routes: [
      [/audit\/streams/, 'vso.auditlog'],
      [/audit\/auditlog/, 'vso.auditlog'],
    ],
  },
];

const ROUTES = CASES.flatMap((one) =>
  one.routes.map(([route, permission]) => [one.kind, route, permission, one] as const),
);

async function open({ kind, reader }: Case) {
  const scene = await peopleScene();
  const { people } = scene.simulator;
  const ann = people.addUser('Ann Archer');
  people.group('Project Administrators').members.push(ann.descriptor);
  const sections = [reachOf(scene.project, ann), environmentsOf(scene.project, anEnvironment(12, 'prod', [ann]))];
  const read = (over: object = {}) =>
    scene.read(reader(scene) as unknown as SectionReader<typeof kind>, kind, { sections, ...over } as object);
  return { ...scene, read, sections };
}

describe.each(ROUTES)('%s by %s', (_kind, route, permission, one) => {
  test.each([401, 403])(
    'that is refused with %i is no answer, and names the permission that is missing',
    async (status) => {
      const { simulator, read } = await open(one);
      simulator.faults.add({ on: route, status, body: { message: 'TF400813: not authorized' } });
      const refused = read();

      await expect(refused).rejects.toThrow(SourceRefusedError);
      await expect(refused).rejects.toThrow(permission);
    },
  );

  test.each([203, 200])('that is shown a sign-in page with %i is refused, never taken for nobody', async (status) => {
    const { simulator, read } = await open(one);
    simulator.faults.add(signInPage(route, status));

    await expect(read()).rejects.toThrow(SourceRefusedError);
  });

  test('that is answered with something else than documented is refused', async () => {
    const { simulator, read } = await open(one);
    simulator.faults.add({ on: route, status: 200, body: { items: 7 } });

    await expect(read()).rejects.toThrow(SourceRefusedError);
  });

  test('that is slowed down is asked later, after the time that is asked for', async () => {
    const { simulator, read } = await open(one);
    const end = simulator.faults.add(throttled(route, 17));
    await expect(read()).rejects.toMatchObject({ name: 'SourceUnavailableError', retryAfter: 17 });
    end();

    simulator.faults.add({ on: route, status: 429, body: { message: 'TF400733' } });
    await expect(read()).rejects.toSatisfy(
      (error) => error instanceof SourceUnavailableError && error.retryAfter === undefined,
    );
  });

  test.each([
    ['fails', { status: 503 }],
    ['is cut in the middle', { cut: 'body' }],
  ] as const)('that %s may be there later', async (_what, fault) => {
    const { simulator, read } = await open(one);
    simulator.faults.add({ on: route, ...fault });

    await expect(read()).rejects.toThrow(SourceUnavailableError);
  });

  test('goes on where the part before ended, once it answers again', async () => {
    const { simulator, read, part, sections } = await open(one);
    const whole = await read();
    let next: string | undefined;
    let failed = 0;
    simulator.faults.add({ on: route, status: 429, times: 1 });
    for (;;) {
      const over = { sections, calls: 1, ...(next === undefined ? {} : { next }) } as object;
      try {
        const found = await part(one.reader({ identity: undefined } as never) as never, one.kind as never, over);
        next = found.next;
        if (next === undefined) {
          expect({ ...(found.facts as object), self: undefined }).toEqual({
            ...(whole.facts as object),
            self: undefined,
          });
          break;
        }
      } catch (error) {
        expect(error).toBeInstanceOf(SourceUnavailableError);
        failed += 1;
      }
    }
    expect(failed).toBe(1);
  });
});

test.each(CASES)('$kind is asked for nowhere else, whatever answers point to', async (one) => {
  const stranger = await startStranger();
  const { simulator, read } = await open(one);
  simulator.faults.add({ on: /./, status: 302, headers: { location: `${stranger.url}/stolen` } });

  await expect(read()).rejects.toThrow();
  expect(stranger.received).toEqual([]);
});

test.each(CASES)('$kind is refused without an account of one’s own', async ({ kind, reader }) => {
  const scene = await peopleScene();
  const read = createPlatformRead(
    createConnection({ callMs: 5_000 }),
    scene.simulator.organizationUrl(),
    undefined,
    () => false,
  );
  const target = { kind, target: scene.project.id, name: 'Shop' };
  const section = { target, sections: [environmentsOf(scene.project)], calls: 10, isHinted: false };

  await expect(reader(scene)(read, section as never)).rejects.toThrow('no account of its own');
});
