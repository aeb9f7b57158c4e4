import { describe, expect, it } from 'vitest';
import { parseAction, parseActionField, parseActionPattern, parseResource } from './parse-question.ts';

const pairs = (text: string) =>
  text.split(' ').map((pair) => ({ name: pair.split('=')[0] ?? '', value: pair.split('=')[1] ?? '' }));

describe('a question', () => {
  it('names actions that there are, one or several', () => {
    expect(parseAction('version.read', 'action')).toBe('version.read');
    expect(() => parseAction('version.reed', 'action')).toThrow(
      /^"version.reed" is no action: did you mean version.read\? There are namespace.read, /,
    );
    expect(() => parseAction('constructor', 'action')).toThrow('"constructor" is no action: there are');
    expect(parseActionPattern('stage.*', 'actions')).toEqual(['stage.request', 'stage.decide']);
    expect(() => parseActionPattern('stages.*', 'actions')).toThrow('"stages.*" is no action');
  });

  it('names fields that the action has', () => {
    expect(parseActionField('version.read', 'metrics', 'field')).toBe('metrics');
    expect(() => parseActionField('version.read', 'metric', 'field')).toThrow(
      'version.read has no field "metric": did you mean metrics? There are metrics, parameters, annotations, trainingData',
    );
    expect(() => parseActionField('model.read', 'card', 'field')).toThrow('has no field "card": there is none');
  });

  it('describes a thing by attributes that such a thing has', () => {
    const { kind, attributes } = parseResource(
      'version.read',
      pairs('namespace=a version=3 target=cpu target=cuda labels.b=c'),
      'x',
    );
    expect([kind, Object.fromEntries(attributes)]).toEqual([
      'version',
      { namespace: 'a', version: 3, target: ['cpu', 'cuda'], 'labels.b': 'c' },
    ]);
    expect(() => parseResource('version.read', pairs('namespaces=a'), 'x')).toThrow(
      'version.read is done to a version, which has no "namespaces": did you mean namespace? There are namespace, model, version, stage, owner, createdBy, target, labels.<name>',
    );
    expect(() => parseResource('policy.read', pairs('namespace=a'), 'x')).toThrow('done to a server, which has no');
    expect(() => parseResource('model.read', pairs('owner=a owner=b'), 'x')).toThrow(
      'a model has one owner, and 2 are given',
    );
    expect(() => parseResource('version.read', pairs('version=two'), 'x')).toThrow(
      'version must be a number from 1 on',
    );
  });
});
