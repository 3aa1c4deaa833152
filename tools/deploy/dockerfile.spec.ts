import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { composeFile } from './compose-file';
import { imageStages } from './dockerfile';
import { root, textOf } from './repository';
import { serviceNames } from './service-schemas';

const stages = imageStages();
const targets = [...serviceNames, 'migrate', 'simulator'];

test.each(targets)('the Dockerfile has a target %s that holds one app and no other', (target) => {
  const app = target === 'migrate' ? 'cli' : target;
  const built = stages.get(target)?.copied.filter((copy) => copy.startsWith('--from=build'));
  expect(built).toEqual([`--from=build /src/dist/apps/${app} ./`]);
});

test('only the services that decide hold the policies', () => {
  const holders = [...stages.values()].filter(({ copied }) => copied.includes('policies ./policies'));
  expect(holders.map(({ name }) => name).sort()).toEqual(['executor', 'policy']);
});

test.each(targets)(
  '%s runs as an ordinary user, given by number so that Kubernetes can check it',
  (target) => {
    expect(stages.get(target)?.user).toBe('1000:1000');
  },
);

test.each(targets)('%s is built on a Node image of a stated version', (target) => {
  expect(stages.get(target)?.from).toBe('runtime');
  expect(stages.get('runtime')?.from).toMatch(/^node:\d+[\w.-]*$/);
});

test('services run in production mode and are reachable from outside their container', () => {
  expect(stages.get('runtime')?.env).toEqual({ NODE_ENV: 'production', HOST: '0.0.0.0', PORT: '3000' });
});

test('what the Dockerfile copies from the repository exists and is let through by .dockerignore', () => {
  const letThrough = textOf('.dockerignore')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  const copied = [...stages.values()]
    .flatMap((stage) => stage.copied)
    .filter((copy) => !copy.startsWith('--from') && copy !== '. .')
    .map((copy) => copy.split(' ')[0] ?? '');
  expect(copied).not.toHaveLength(0);
  for (const path of copied) {
    expect(existsSync(join(root, path))).toBe(true);
    expect(letThrough).toContain(path);
  }
});

test('no file that may hold secrets enters the build context', () => {
  const lines = textOf('.dockerignore').split('\n');
  expect(lines.find((line) => line !== '' && !line.startsWith('#'))).toBe('*');
  expect(lines).toEqual(expect.arrayContaining(['**/.env', '**/*.env']));
});

test('every image that Compose builds is a target of the Dockerfile', () => {
  for (const service of Object.values(composeFile().services)) {
    if (service.build) expect(stages.has(service.build.target)).toBe(true);
  }
});
