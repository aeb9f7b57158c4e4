import { describe, expect, it } from 'vitest';
import { ControllerAddresses } from './controller-addresses.ts';

describe('ControllerAddresses', () => {
  it('are tried in turn, with a pause after each round that found nobody', () => {
    const controllers = new ControllerAddresses(['a:1', 'b:1', 'c:1']);
    const tried = Array.from({ length: 6 }, () => [controllers.current, controllers.moveOn()]);
    expect(tried).toEqual([
      ['a:1', false],
      ['b:1', false],
      ['c:1', true],
      ['a:1', false],
      ['b:1', false],
      ['c:1', true],
    ]);
  });

  it('begin a round anew behind one that answered', () => {
    const controllers = new ControllerAddresses(['a:1', 'b:1']);
    controllers.moveOn();
    controllers.answered();
    expect([controllers.current, controllers.moveOn(), controllers.current]).toEqual(['b:1', false, 'a:1']);
  });

  it('of one controller are that one, with a pause after each try', () => {
    const controllers = new ControllerAddresses(['a:1']);
    expect([controllers.areSeveral, controllers.moveOn(), controllers.current]).toEqual([false, true, 'a:1']);
    expect(() => new ControllerAddresses([])).toThrow(/needs the address/);
  });
});
