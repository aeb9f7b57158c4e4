import { describe, expect, it } from 'vitest';
import { refusalOf } from './allowed-host.ts';

const refusal = (url: string, ...allowed: string[]) => refusalOf(URL.parse(url), allowed);

describe('the host of a hook', () => {
  it.each([
    ['https://hooks.example/gate', 'hooks.example'],
    ['http://HOOKS.example/gate', 'hooks.example'],
    ['https://hooks.example/', 'hooks.example:443'],
    ['http://hooks.example:9000/', 'hooks.example:9000'],
    ['http://[::1]:9000/', '[::1]:9000'],
  ])('%s is asked where %s is allowed', (url, allowed) => {
    expect(refusal(url, 'other.example', allowed)).toBeUndefined();
  });

  it.each([
    // Another port may be another service.
    ['http://hooks.example:9000/', 'hooks.example'],
    ['http://hooks.example/', 'hooks.example:9000'],
    ['http://hooks.example/', 'hooks.example:443'],
    ['http://hooks.example.evil.example/', 'hooks.example'],
    ['http://evil-hooks.example/', 'hooks.example'],
    ['http://evil.example/?hooks.example', 'hooks.example'],
    // 127.0.0.1, written otherwise.
    ['http://0x7f.1/', 'hooks.example'],
    ['http://2130706433/', 'hooks.example'],
    ['http://169.254.169.254/latest/meta-data/', 'hooks.example'],
  ])('%s is not asked where %s is allowed', (url, allowed) => {
    expect(refusal(url, allowed)).toContain(`may not be asked: ${allowed} may be asked; set SLIPWAY_GATE_HOSTS`);
  });

  it('is told with what to set', () => {
    expect(refusal('http://hooks.example:9000/')).toBe(
      'hooks.example:9000 may not be asked: no hosts may be asked; set SLIPWAY_GATE_HOSTS',
    );
  });

  it.each([
    ['file:///etc/passwd', 'the URL begins with file: and only http and https can be asked'],
    ['hooks.example/gate', 'the URL cannot be read'],
    ['http://user:secret@hooks.example/', 'the URL must not hold a user or password'],
    // The host of this one is the last part.
    ['http://hooks.example@evil.example/', 'the URL must not hold a user or password'],
  ])('%s is refused whatever is allowed', (url, reason) => {
    expect(refusal(url, 'hooks.example')).toBe(reason);
  });
});
