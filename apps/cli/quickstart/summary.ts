import type { Endpoints } from '../endpoints.ts';
import { percent, type StoryResult, seconds } from './story.ts';

/** The closing table. */
export function summaryTable(result: StoryResult, totalMs: number): string {
  const rows: readonly (readonly [string, string])[] = [
    [
      'accuracy of version 1 on held-out digits',
      `${percent(result.accuracyRest)} REST, ${percent(result.accuracyGrpc)} gRPC`,
    ],
    ['time to ready (commit to serving)', seconds(result.readyMs)],
    ['time to promote version 2', seconds(result.promoteMs)],
    [
      'candidate requests until rollback',
      `${result.requestsUntilRollback}, of which ${result.errorsUntilRollback} failed`,
    ],
    ['milliseconds until rollback', `${result.rollbackMs} from the first error to the decision`],
    ['rollback commit', result.rollbackCommit.slice(0, 10)],
    ['client requests', `${result.load.sent}, of which ${result.load.fallbacks} were saved by the stable version`],
    ['failed client requests', String(result.load.failed)],
    ['whole story', seconds(totalMs)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n');
}

/**
 * Addresses, and commands that work as printed while the server runs.
 *
 * @param curlOptions that each of them is given, each with a space before it.
 */
export function nextSteps(endpoints: Endpoints, onePixelRow: readonly number[], curlOptions: string): string {
  const body = JSON.stringify({
    inputs: [{ name: 'pixels', shape: [1, onePixelRow.length], datatype: 'FP32', data: onePixelRow }],
  });
  const query = JSON.stringify({
    query: '{ model(name: "digits") { versions { nodes { version metrics { name value } } } } }',
  });
  return `Try next:
  registry    ${endpoints.registry}/graphql
  gateway     ${endpoints.gateway} (REST), ${endpoints.gatewayGrpc} (gRPC)
  controller  ${endpoints.controller}/v1/deployments
  manifests   git clone ${endpoints.git}

  curl -s${curlOptions} ${endpoints.gateway}/v2/models/digits/infer -H 'content-type: application/json' -d '${body}'

  curl -s${curlOptions} ${endpoints.registry}/graphql -H 'content-type: application/json' -d '${query}'

  curl -s${curlOptions} ${endpoints.controller}/v1/deployments/default/digits`;
}
