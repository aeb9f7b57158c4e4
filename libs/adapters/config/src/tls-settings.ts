import { choiceSetting, integerSetting, listSetting, optionalTextSetting } from './setting.ts';

const reloadSeconds = integerSetting(
  'SLIPWAY_TLS_RELOAD_SECONDS',
  'How often to look whether the files for TLS have changed; SIGHUP has it done at once.',
  { min: 1, max: 3600 },
  { default: '5' },
);

/** TLS on every port of a program. The values are paths: a file that changes is read again. */
export const serverTlsSettings = {
  tlsCertificate: optionalTextSetting(
    'SLIPWAY_TLS_CERT',
    'Path of the certificate (PEM), with the chain behind it. With it every port speaks TLS, and nothing else.',
  ),
  tlsKey: optionalTextSetting('SLIPWAY_TLS_KEY', 'Path of its private key (PEM), without a passphrase.'),
  tlsMinVersion: choiceSetting('SLIPWAY_TLS_MIN_VERSION', 'Oldest version of TLS that is taken.', ['1.3', '1.2'], {
    default: '1.3',
  }),
  tlsClientAuth: choiceSetting(
    'SLIPWAY_TLS_CLIENT_AUTH',
    'Whether clients show certificates: nobody is asked, whoever has one may, or all must. One that is not valid is always refused.',
    ['none', 'optional', 'required'],
    { default: 'none' },
  ),
  tlsClientCa: optionalTextSetting(
    'SLIPWAY_TLS_CLIENT_CA',
    'Path of the certificates (PEM) of those who issue the certificates of clients.',
  ),
  tlsClientNames: listSetting(
    'SLIPWAY_TLS_CLIENT_NAMES',
    'Whose certificates are taken, with semicolons between: URIs (`spiffe://…`; with `/*` at the end all below) or subjects (`CN=shop,O=Example`). Empty: all that are valid.',
    ';',
  ),
  tlsRevoked: optionalTextSetting(
    'SLIPWAY_TLS_CRL',
    'Path of the lists of revoked certificates (PEM), one of each issuer in the chain of a client.',
  ),
  tlsReloadSeconds: reloadSeconds,
};

/** How a program that calls others knows them, and they know it. */
export const clientTlsSettings = {
  tlsCa: optionalTextSetting(
    'SLIPWAY_TLS_CA',
    'Path of the certificates (PEM) of those who issue the certificates of servers; empty: those that Node.js knows.',
  ),
  tlsServerName: optionalTextSetting(
    'SLIPWAY_TLS_SERVER_NAME',
    'Name that the certificates of servers must have, where it is not the host of the address.',
  ),
  tlsClientCertificate: optionalTextSetting(
    'SLIPWAY_TLS_CLIENT_CERT',
    'Path of the certificate (PEM) that this program shows to servers.',
  ),
  tlsClientKey: optionalTextSetting('SLIPWAY_TLS_CLIENT_KEY', 'Path of its private key (PEM), without a passphrase.'),
  tlsReloadSeconds: reloadSeconds,
};
