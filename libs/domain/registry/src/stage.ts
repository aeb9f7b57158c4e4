/** How far a version has come. Every version begins in `development`. */
export const STAGES = ['development', 'staging', 'production', 'archived'] as const;
export type Stage = (typeof STAGES)[number];

/** From each stage, where a version may go: forward one at a time, back freely, and to the archive from anywhere. */
const TRANSITIONS: Readonly<Record<Stage, readonly Stage[]>> = {
  development: ['staging', 'archived'],
  staging: ['development', 'production', 'archived'],
  production: ['development', 'staging', 'archived'],
  archived: ['development'],
};

/** Stages that a version may go to from where it is. */
export function stagesAfter(stage: Stage): readonly Stage[] {
  return TRANSITIONS[stage];
}
