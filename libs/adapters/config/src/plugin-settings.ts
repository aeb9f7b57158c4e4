import { optionalTextSetting } from './setting.ts';

/** Code of others that a program loads. */
export const pluginSettings = {
  plugins: optionalTextSetting(
    'SLIPWAY_PLUGINS',
    'File (YAML or JSON) with the plugins that may be loaded, each with the digest of its folder. Without it there are none.',
  ),
};
