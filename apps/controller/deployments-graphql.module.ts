import type { IncomingMessage } from 'node:http';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { type DynamicModule, Module } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import {
  assertAffordable,
  checkedOperations,
  checkOperations,
  dateTimeScalar,
  jsonScalar,
  MAX_TOKENS,
  safeIntScalar,
} from '#adapters/graphql-server';
import { admitSubscriber, type Subscriber } from '#adapters/http-access';
import { graphqlErrorFormatter, tellUnavailable } from '#adapters/wire-errors';
import type { Caller } from '#application/access';
import { controllerSdl } from '#generated/controller-sdl';
import { DEPLOYMENT_SOURCES, DeploymentResolver } from './deployment.resolver.ts';
import type { DeploymentRoutesParts } from './deployment-routes.ts';
import { type ActingParts, assertActing } from './leader-standing.ts';
import { PLUGIN_SOURCES, PluginResolver } from './plugin.resolver.ts';
import { REPORTED_INVENTORIES, RuntimeResolver } from './runtime.resolver.ts';
import type { ReportedInventories } from './runtime-list.ts';

export const GRAPHQL_PATH = '/graphql';

/** What operations work on. */
export type DeploymentsGraphqlParts = DeploymentRoutesParts &
  ActingParts & { readonly inventories: ReportedInventories };

/** What holds for every operation, by HTTP and by WebSocket. */
export function graphqlPolicyOf({ control, logger, ...acting }: DeploymentRoutesParts & ActingParts) {
  return {
    checks: [assertAffordable],
    formatError: graphqlErrorFormatter(logger),
    /** For an operation by HTTP, whose sender was let in. @throws NOT_LEADER */
    requestContext: ({ caller }: { readonly caller: Caller }): Subscriber => {
      assertActing(acting, caller);
      return { caller, callerNow: () => caller };
    },
    /** For a subscription, whose client says who it is when it connects. @throws UNAUTHENTICATED, NOT_LEADER */
    contextOf: async (said: Readonly<Record<string, unknown>>, request: IncomingMessage): Promise<Subscriber> => {
      const subscriber = await admitSubscriber(control, said, request);
      assertActing(acting, subscriber.caller);
      return subscriber;
    },
  };
}

/** The controller's HTTP interface: GraphQL here, the rest on Fastify. */
@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: the form that Nest prescribes for dynamic modules
export class DeploymentsGraphqlModule {
  static over(parts: DeploymentsGraphqlParts): DynamicModule {
    const { checks, formatError, requestContext } = graphqlPolicyOf(parts);
    return {
      module: DeploymentsGraphqlModule,
      imports: [
        GraphQLModule.forRoot<ApolloDriverConfig>({
          driver: ApolloDriver,
          path: GRAPHQL_PATH,
          typeDefs: controllerSdl,
          resolvers: { SafeInt: safeIntScalar, DateTime: dateTimeScalar, JSON: jsonScalar },
          graphiql: false,
          introspection: true,
          parseOptions: { maxTokens: MAX_TOKENS },
          documentStore: checkedOperations(),
          plugins: [checkOperations([...checks]), tellUnavailable],
          context: requestContext,
          formatError,
          includeStacktraceInErrorResponses: false,
          // Or what is unavailable would have status 200.
          preserveHttpStatusForExecutionErrors: false,
        }),
      ],
      providers: [
        DeploymentResolver,
        PluginResolver,
        RuntimeResolver,
        { provide: DEPLOYMENT_SOURCES, useValue: parts },
        { provide: PLUGIN_SOURCES, useValue: parts.plugins },
        { provide: REPORTED_INVENTORIES, useValue: parts.inventories },
      ],
    };
  }
}
