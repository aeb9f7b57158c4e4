import { booleanSetting, textSetting } from '#adapters/config';

/** What the all-in-one adds to the settings of the three programs that it runs. */
export const slipwaySettings = {
  stateDir: textSetting('SLIPWAY_STATE_DIR', 'Folder for everything that the all-in-one keeps.', {
    default: '.slipway',
  }),
  exitsWithParent: booleanSetting(
    'SLIPWAY_EXIT_WITH_PARENT',
    'Whether to shut down when standard input ends: for programs that start the all-in-one and may be killed.',
    { default: 'false' },
  ),
};
