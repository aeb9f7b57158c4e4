import { expect, it } from 'vitest';
import { ACTION_NAMES, ACTIONS, actionsMatching, fieldsOfAction } from './actions.ts';
import { BUILT_IN_ROLES } from './built-in-roles.ts';
import { RESOURCE_ATTRIBUTES } from './resource.ts';

const code = (words: readonly string[]) => words.map((word) => `\`${word}\``).join(', ');

function actionRows(): string[] {
  return ACTION_NAMES.map((name) => {
    const { resource, meaning } = ACTIONS[name];
    const fields = fieldsOfAction(name);
    return `| \`${name}\` | ${resource} | ${meaning} | ${code(fields)} |`;
  });
}

function attributeRows(): string[] {
  return Object.entries(RESOURCE_ATTRIBUTES).map(([kind, { attributes, maps }]) => {
    const names = [...attributes, ...maps.map((map) => `${map}.<name>`)];
    return `| ${kind} | ${names.length === 0 ? 'none: it is the installation as a whole' : code(names)} |`;
  });
}

function roleRows(): string[] {
  return BUILT_IN_ROLES.map(({ name, extends: bases, grants }) => {
    const allowed = grants.flatMap(({ actions }) => actions);
    const own = allowed.includes('*') ? ['everything'] : allowed.map((pattern) => code([pattern]));
    return `| \`${name}\` | ${[...bases.map((base) => `all of \`${base}\``), ...own].join(', ')} |`;
  });
}

it('docs/reference/access.md is up to date (`npm run test:unit -- -u` rewrites it)', async () => {
  const text = [
    '# Access: actions, attributes, roles',
    '',
    'What [policies](../guides/access.md) can allow and deny. [The JSON Schema](../../registry-schema/json/policy.schema.json) is the contract of',
    'their form, and editors can use it.',
    '',
    '## Actions',
    '',
    'Each operation asks for one of these. *Fields* are parts that can be allowed and denied by themselves.',
    '',
    '| action | is done to a | meaning | fields |',
    '|---|---|---|---|',
    ...actionRows(),
    '',
    'Patterns name several: `version.*` all of a noun, `*` all that there are.',
    '',
    '## Attributes',
    '',
    'What `where` can ask of the thing that an action is done to. A version belongs to the owner of its model; it has one `target` for',
    'each kind of hardware that it has a variant for.',
    '',
    '| | attributes |',
    '|---|---|',
    ...attributeRows(),
    '',
    '## Roles',
    '',
    '| role | allows |',
    '|---|---|',
    ...roleRows(),
    '',
  ].join('\n');
  await expect(text).toMatchFileSnapshot('../../../../docs/reference/access.md');
});

it('no built-in role names an action that is not there', () => {
  for (const { grants } of BUILT_IN_ROLES)
    for (const pattern of grants.flatMap(({ actions }) => actions)) expect(actionsMatching(pattern)).not.toEqual([]);
});
