export { checkedOperations } from './checked-operations.ts';
export { assertAffordable, checkOperations, MAX_TOKENS, type OperationCheck } from './graphql-limits.ts';
export { dateTimeScalar, jsonScalar, modelFormatScalar, safeIntScalar } from './scalars.ts';
export { type SubscriptionServerParts, serveSubscriptions } from './subscription-server.ts';
