import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AskedGraph, graphOpenApi, GraphShapes } from './graph-openapi';

const folder = mkdtempSync(join(tmpdir(), 'beside-'));
const ci = process.env['CI'];
beforeEach(() => void jest.spyOn(console, 'warn').mockImplementation());
afterEach(() => {
  jest.restoreAllMocks();
  if (ci === undefined) delete process.env['CI'];
  else process.env['CI'] = ci;
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('without the document', () => {
  it.each([
    ['true', join(folder, 'none')],
    ['false', folder],
  ])('nothing is checked, and it says so (CI=%s, %s)', (value, where) => {
    process.env['CI'] = value;
    expect(graphOpenApi(where)).toBeNull();
    expect(console.warn).toHaveBeenCalledWith(expect.stringContaining('SKIPPED'));
  });

  it('CI fails where only the document is missing', () => {
    process.env['CI'] = 'true';
    expect(() => graphOpenApi(folder)).toThrow('graph-openapi-subset.json is not there');
  });
});

(graphOpenApi() ? it : it.skip)('names every request that Microsoft does not document', () => {
  const asked = new AskedGraph();
  asked.saw('GET', '/v1.0/users/x?$select=id', '');
  expect(() => asked.verify()).not.toThrow();
  asked.saw('GET', '/v1.0/users/x?$nonsense=1', '');
  asked.saw('POST', '/v1.0/users/x/dance', '{}');
  expect(() => asked.verify()).toThrow(/\$nonsense is not declared.*dance: not in the document/);
});

(graphOpenApi() ? it : it.skip)('holds each shape of an exchange to it, however often it came', () => {
  const shapes = new GraphShapes();
  const me = '00000000-0000-4000-8000-00000000000';
  const read = (id: string, answer: object) =>
    shapes.saw({ method: 'GET', url: `/users/${me}${id}?$select=id`, body: undefined, status: 200, answer });
  read('1', { id: `${me}1` });
  read('2', { id: `${me}2` });
  expect(shapes.size).toBe(1);
  expect(shapes.problems()).toEqual([]);
  read('2', { id: `${me}2`, accountEnabled: 'yes' });
  expect(shapes.size).toBe(2);
  expect(shapes.problems()).toEqual([expect.stringContaining('accountEnabled')]);
});
