/** The built-in roles, and whoever shows no credential. */
export const ROLES = ['viewer', 'publisher', 'deployer', 'approver', 'invoker', 'admin', 'nobody'] as const;
export type RoleName = (typeof ROLES)[number];

/**
 * What each role may do to what is in its own namespace, written apart from the code. In a foreign namespace nobody of these may do
 * anything. `x`: yes.
 */
const TABLE = `
action                  viewer  publisher  deployer  approver  invoker  admin  nobody
namespace.read          x       x          x         x         .        x      .
namespace.create        .       .          .         .         .        x      .
namespace.update        .       .          .         .         .        x      .
model.read              x       x          x         x         .        x      .
model.create            .       x          .         .         .        x      .
model.update            .       x          .         .         .        x      .
alias.set               .       x          .         .         .        x      .
alias.delete            .       x          .         .         .        x      .
version.read            x       x          x         x         .        x      .
version.download        .       x          x         .         .        x      .
version.create          .       x          .         .         .        x      .
version.annotate        .       x          .         .         .        x      .
version.sign            .       x          .         x         .        x      .
version.deprecate       .       x          .         .         .        x      .
version.withdraw        .       x          .         .         .        x      .
stage.request           .       x          .         x         .        x      .
stage.decide            .       .          .         x         .        x      .
deployment.read         x       x          x         x         .        x      .
deployment.promote      .       .          x         .         .        x      .
deployment.skip         .       .          x         .         .        x      .
deployment.abort        .       .          x         .         .        x      .
deployment.retry        .       .          x         .         .        x      .
deployment.describe     x       x          x         x         x        x      .
deployment.infer        .       .          .         .         x        x      .
`;

const rows = TABLE.trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/));
const [head = [], ...body] = rows;

/** Whether a role in a namespace may do an action to what is in that namespace. */
export function mayInOwn(role: RoleName, action: string): boolean {
  const row = body.find(([name]) => name === action);
  if (row === undefined) throw new Error(`the table has no ${action}`);
  return row[head.indexOf(role)] === 'x';
}

/** The actions of the table. */
export const TABLED_ACTIONS: readonly string[] = body.map(([name]) => name ?? '');
