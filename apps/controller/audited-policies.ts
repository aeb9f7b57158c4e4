import type { PolicyPublisher, PublishedPolicies } from '#application/access';
import { type Auditor, audited } from '#application/audit';

/** Publishes policies only when the audit log has it first. */
export function auditedPolicies(publisher: PolicyPublisher, auditor: Auditor): PolicyPublisher {
  return {
    publish: (policies, epoch) => audited(auditor, entryOf(policies, epoch), () => publisher.publish(policies, epoch)),
  };
}

function entryOf({ revision, files }: PublishedPolicies, epoch: number) {
  const paths = files.map(({ path }) => path).join(', ') || 'none';
  return {
    kind: 'change' as const,
    action: 'policy.publish',
    resource: 'the installation',
    detail: `policies of commit ${revision} (${paths}), by the controller of epoch ${epoch}`,
  };
}
