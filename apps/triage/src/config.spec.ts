import { readConfig } from '@sallyport/service';
import { specifyConfig } from '@sallyport/service/testing';
import { triageConfig } from './config';

const right = {
  DATABASE_URL: 'postgres://app:pw@db/sallyport',
};

specifyConfig('triage', triageConfig, right, [
  ['DATABASE_URL', 'mysql://db'],
  ['PORT', 'eighty'],
  ['MODEL_NAME', 'a model\nnamed'],
  ['MODEL_API_KEY', 'short'],
  ['MODEL_KEY_HEADER', 'cookie'],
  ['MODEL_BUDGET_SECONDS', '0'],
  ['MODEL_MAX_TOKENS', '1'],
  ['MODEL_MAY_SEE', 'names,passwords'],
]);

it('needs the name of the model where it has an address, and shows the model nothing personal by itself', () => {
  const addressed = { ...right, MODEL_URL: 'https://models.example/v1/chat/completions' };
  expect(() => readConfig('triage', triageConfig, addressed)).toThrow(/MODEL_NAME: is /);
  expect(() => readConfig('triage', triageConfig, { ...addressed, MODEL_URL: 'the model' })).toThrow(
    /MODEL_URL: must /,
  );
  expect(readConfig('triage', triageConfig, { ...addressed, MODEL_NAME: 'a-model' })).toMatchObject({
    MODEL_BUDGET_SECONDS: 15,
    MODEL_MAY_SEE: [],
  });
});
