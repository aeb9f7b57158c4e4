import { DomainError, shown } from '#domain/errors';
import { ACTION_NAMES, type ActionName, actionsMatching, fieldsOfAction, resourceKindOf } from './actions.ts';
import { advice } from './closest-word.ts';
import { type AttributeValue, hasAttribute, MANY_VALUED, RESOURCE_ATTRIBUTES, type Resource } from './resource.ts';

/** The action of a name. @param field where it stands. @throws INPUT_INVALID saying which there are. */
export function parseAction(text: string, field: string): ActionName {
  const action = ACTION_NAMES.find((name) => name === text);
  if (action !== undefined) return action;
  throw new DomainError('INPUT_INVALID', `${shown(text)} is no action: ${advice(text, ACTION_NAMES)}`, { field });
}

/** The actions that a pattern names, such as `version.*`. @throws INPUT_INVALID */
export function parseActionPattern(pattern: string, field: string): readonly ActionName[] {
  const named = actionsMatching(pattern);
  return named.length > 0 ? named : [parseAction(pattern, field)];
}

/** A part of an action. @throws INPUT_INVALID saying which there are. */
export function parseActionField(action: ActionName, text: string, field: string): string {
  const known = fieldsOfAction(action);
  if (known.includes(text)) return text;
  throw new DomainError('INPUT_INVALID', `${action} has no field ${shown(text)}: ${advice(text, known)}`, { field });
}

/**
 * What an action would be done to, by its attributes. One that is given several times has several values.
 *
 * @throws INPUT_INVALID naming an attribute that such a thing does not have.
 */
export function parseResource(
  action: ActionName,
  attributes: readonly { readonly name: string; readonly value: string }[],
  field: string,
): Resource {
  const kind = resourceKindOf(action);
  const invalid = (message: string) => new DomainError('INPUT_INVALID', message, { field });
  const values = Map.groupBy(attributes, ({ name }) => name);
  const entries = [...values].map(([name, given]): [string, AttributeValue] => {
    if (!hasAttribute(kind, name)) {
      const { attributes: own, maps } = RESOURCE_ATTRIBUTES[kind];
      const known = [...own, ...maps.map((map) => `${map}.<name>`)];
      throw invalid(`${action} is done to a ${kind}, which has no ${shown(name)}: ${advice(name, known)}`);
    }
    const [first = { value: '' }] = given;
    if (MANY_VALUED.has(name)) return [name, given.map(({ value }) => value)];
    if (given.length > 1) throw invalid(`a ${kind} has one ${name}, and ${given.length} are given`);
    return [name, name === 'version' ? versionNumber(first.value, field) : first.value];
  });
  return { kind, attributes: new Map(entries) };
}

function versionNumber(text: string, field: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new DomainError('INPUT_INVALID', `version must be a number from 1 on, not ${shown(text)}`, { field });
}
