import { ownKeys, withOwnKeys } from './own-keys';

const tenant = {
  users: [{ key: 'ines', manager: 'marek', groups: ['vip'] }, { key: 'marek' }],
  incidents: [{ key: 'laptop', subject: 'ines', caller: 'sam', short_description: 'ines' }],
};

it('gives the rows of a scenario keys of their own and leaves those of the base tenant', () => {
  expect(withOwnKeys(tenant, ownKeys(tenant), 'r1-')).toEqual({
    users: [{ key: 'r1-ines', manager: 'r1-marek', groups: ['vip'] }, { key: 'r1-marek' }],
    incidents: [{ key: 'r1-laptop', subject: 'r1-ines', caller: 'sam', short_description: 'ines' }],
  });
});

it('renames groups, their owners and their members', () => {
  const given = {
    users: [{ key: 'ines', groups: ['admins', 'vip'] }],
    groups: [{ key: 'admins', owners: ['ines', 'sam'], groups: ['admins'] }],
  };
  expect(withOwnKeys(given, ownKeys(given), 'r1-')).toEqual({
    users: [{ key: 'r1-ines', groups: ['r1-admins', 'vip'] }],
    groups: [{ key: 'r1-admins', owners: ['r1-ines', 'sam'], groups: ['r1-admins'] }],
  });
});

it('renames the people of faults and patches too', () => {
  const own = ownKeys(tenant);
  expect(withOwnKeys([{ on: { user: 'ines' }, kind: 'slow' }], own, 'r1-')).toEqual([
    { on: { user: 'r1-ines' }, kind: 'slow' },
  ]);
  expect(withOwnKeys({ incident: 'laptop', set: { state: '6' } }, own, 'r1-')).toEqual({
    incident: 'r1-laptop',
    set: { state: '6' },
  });
});
