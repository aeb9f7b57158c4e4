import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { type DynamicModule, Module } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import {
  assertAffordable,
  checkOperations,
  dateTimeScalar,
  jsonScalar,
  MAX_TOKENS,
  safeIntScalar,
} from '#adapters/graphql-server';
import { graphqlErrorFormatter, tellUnavailable } from '#adapters/wire-errors';
import { controllerSdl } from '#generated/controller-sdl';
import { DEPLOYMENT_SOURCES, DeploymentResolver } from './deployment.resolver.ts';
import type { DeploymentRoutesParts } from './deployment-routes.ts';
import { type ActingParts, assertActing } from './leader-standing.ts';

/** What holds for every operation, by HTTP and by WebSocket. */
export function graphqlPolicyOf({ logger, standing, reconciler }: DeploymentRoutesParts & ActingParts) {
  return {
    path: '/graphql',
    checks: [assertAffordable],
    formatError: graphqlErrorFormatter(logger),
    contextOf: () => {
      assertActing({ reconciler, standing });
      return {};
    },
  } as const;
}

/** The controller's HTTP interface: GraphQL here, the rest on Fastify. */
@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: the form that Nest prescribes for dynamic modules
export class DeploymentsGraphqlModule {
  static over(parts: DeploymentRoutesParts & ActingParts): DynamicModule {
    const { path, checks, formatError, contextOf } = graphqlPolicyOf(parts);
    return {
      module: DeploymentsGraphqlModule,
      imports: [
        GraphQLModule.forRoot<ApolloDriverConfig>({
          driver: ApolloDriver,
          path,
          typeDefs: controllerSdl,
          resolvers: { SafeInt: safeIntScalar, DateTime: dateTimeScalar, JSON: jsonScalar },
          graphiql: false,
          introspection: true,
          parseOptions: { maxTokens: MAX_TOKENS },
          plugins: [checkOperations([...checks]), tellUnavailable],
          context: contextOf,
          formatError,
          includeStacktraceInErrorResponses: false,
          // Or what is unavailable would have status 200.
          preserveHttpStatusForExecutionErrors: false,
        }),
      ],
      providers: [DeploymentResolver, { provide: DEPLOYMENT_SOURCES, useValue: parts }],
    };
  }
}
