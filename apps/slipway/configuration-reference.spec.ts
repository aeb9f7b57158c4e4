import { expect, it } from 'vitest';
import type { SettingTable } from '#adapters/config';
import { controllerSettings } from '../controller/config.ts';
import { gatewaySettings } from '../gateway/config.ts';
import { registrySettings } from '../registry/config.ts';
import { slipwaySettings } from './config.ts';

function tableOf(title: string, settings: SettingTable): string {
  const rows = Object.values(settings).map((setting) => {
    const fallback =
      setting.default === undefined ? '*required*' : setting.default === '' ? '' : `\`${setting.default}\``;
    return `| \`${setting.variable}\` | ${fallback} | ${setting.doc}${setting.isSecret ? ' Secret.' : ''} |`;
  });
  return [`## ${title}`, '', '| variable | default | |', '|---|---|---|', ...rows, ''].join('\n');
}

it('docs/reference/configuration.md is up to date (`npm run test:unit -- -u` rewrites it)', async () => {
  const head = [
    '# Configuration',
    '',
    'Every program is configured by environment variables. `<VARIABLE>_FILE` names a file that holds the value instead, which is the',
    'way to hand over secrets. A wrong value is refused at start, all of them at once, with exit status 78.',
    '',
  ].join('\n');
  const tables = [
    tableOf('`slipway serve`, beside those of the three programs', slipwaySettings),
    tableOf('registry', registrySettings),
    tableOf('controller', controllerSettings),
    tableOf('gateway', gatewaySettings),
  ];
  await expect(`${head}\n${tables.join('\n')}`).toMatchFileSnapshot('../../docs/reference/configuration.md');
});
