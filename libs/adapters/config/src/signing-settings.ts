import { optionalTextSetting } from './setting.ts';

/** Whose signatures of versions count. A setting, and nothing that lies beside the manifests: no commit adds a key of its own. */
export const signingSettings = {
  signers: optionalTextSetting(
    'SLIPWAY_SIGNERS',
    'File (YAML or JSON) with the public keys of those who may sign versions of models.',
  ),
};
