import type { z } from 'zod';
import { ConfigError, readConfig } from '../config';

/**
 * What must hold for every service's environment: it is accepted when complete, every missing variable is told at
 * once, and each wrong value is told by its variable's name.
 *
 * @param right exactly the required variables, in the order of the schema
 * @param wrong values that are refused, beside the right ones
 */
export function specifyConfig(
  service: string,
  schema: z.ZodType,
  right: Readonly<Record<string, string>>,
  wrong: readonly (readonly [name: string, value: string])[],
): void {
  const problems = (environment: NodeJS.ProcessEnv): readonly string[] => {
    try {
      readConfig(service, schema, environment);
      return [];
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
  };

  it('is accepted when complete', () => {
    expect(problems(right)).toEqual([]);
  });

  it('tells every variable that is missing at once', () => {
    expect(problems({})).toEqual(Object.keys(right).map((name) => `${name}: is required and not set`));
  });

  it.each(wrong)('refuses %s=%s', (name, value) => {
    expect(problems({ ...right, [name]: value })).toEqual([
      expect.stringMatching(new RegExp(`^${name}(\\.\\d)?: `)),
    ]);
  });
}
