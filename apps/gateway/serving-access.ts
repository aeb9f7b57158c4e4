import type { Peer } from '#adapters/http-access';
import type { Access, Caller } from '#application/access';
import type { RoutedSlot } from '#application/serving';
import { type ActionName, type Resource, resource } from '#domain/access';
import { deploymentNamed, deploymentNotFound, type Route, type RouteTable } from '#domain/routing';

/** Who may do one of these knows that a deployment is there. */
const SHOWN_BY: readonly ActionName[] = ['deployment.read', 'deployment.describe'];

/** What access to served models is decided with. */
export interface ServingAccessParts extends Pick<Access, 'control' | 'isOpen'> {
  readonly routes: () => RouteTable<RoutedSlot>;
}

/**
 * Who may use what this gateway serves. For somebody who may know nothing of a deployment it is not there.
 *
 * An inference costs three look-ups more when its sender and its route were seen before: the credential's principal, what that may do, and
 * that it may infer here. Routes and abilities are immutable, so that a change of either is a new question.
 */
export class ServingAccess {
  readonly #parts: ServingAccessParts;
  readonly #resources = new WeakMap<Route<RoutedSlot>, Resource>();
  readonly #mayInfer = new WeakMap<Caller, WeakSet<Route<RoutedSlot>>>();

  constructor(parts: ServingAccessParts) {
    this.#parts = parts;
  }

  /**
   * The sender of a request.
   *
   * @throws UNAUTHENTICATED, TOKEN_ISSUER_UNAVAILABLE
   */
  admit(authorization: string | undefined, { address, certificate }: Peer): Caller | Promise<Caller> {
    return this.#parts.control.admit({ authorization, certificate }, address);
  }

  /**
   * Finds out whether a sender is let in at all.
   *
   * @returns `undefined` when they are; otherwise what has to be waited for.
   * @throws UNAUTHENTICATED, TOKEN_ISSUER_UNAVAILABLE
   */
  passSender(authorization: string | undefined, peer: Peer): Promise<Caller> | undefined {
    if (this.#parts.isOpen) return undefined;
    const caller = this.admit(authorization, peer);
    return caller instanceof Promise ? caller : undefined;
  }

  /**
   * Lets the sender of an inference pass.
   *
   * @returns `undefined` when they are known and may; otherwise what has to be waited for.
   * @throws UNAUTHENTICATED, TOKEN_ISSUER_UNAVAILABLE, ACCESS_DENIED, DEPLOYMENT_NOT_FOUND
   */
  passInference(authorization: string | undefined, peer: Peer, modelName: string): Promise<void> | undefined {
    if (this.#parts.isOpen) return undefined;
    const caller = this.admit(authorization, peer);
    if (caller instanceof Promise) return caller.then((admitted) => this.requireInference(admitted, modelName));
    this.requireInference(caller, modelName);
    return undefined;
  }

  /** @throws ACCESS_DENIED, DEPLOYMENT_NOT_FOUND */
  requireInference(caller: Caller, modelName: string): void {
    const route = this.#parts.routes().get(modelName);
    const passed = this.#mayInfer.get(caller);
    if (route !== undefined && passed?.has(route) === true) return;
    this.require(caller, 'deployment.infer', modelName);
    if (route === undefined) return;
    if (passed === undefined) this.#mayInfer.set(caller, new WeakSet([route]));
    else passed.add(route);
  }

  /**
   * Lets somebody pass who may do something with a deployment, whether there is one of that name or not.
   *
   * @throws ACCESS_DENIED; DEPLOYMENT_NOT_FOUND in the same words whether it is not there or they may know nothing of it
   */
  require(caller: Caller, action: ActionName, modelName: string): void {
    caller.requireOrHide(action, this.#resourceOf(modelName), SHOWN_BY, () => deploymentNotFound(modelName));
  }

  /** Whether somebody may do something with a deployment; nobody is told of a no. */
  may(caller: Caller, action: ActionName, modelName: string): boolean {
    return caller.may(action, this.#resourceOf(modelName));
  }

  #resourceOf(modelName: string): Resource {
    const route = this.#parts.routes().get(modelName);
    if (route === undefined) return resource('deployment', deploymentNamed(modelName));
    let found = this.#resources.get(route);
    if (found === undefined) {
      found = deploymentResource(route);
      this.#resources.set(route, found);
    }
    return found;
  }
}

/** A deployment by what answers for it now. An ensemble has neither a model nor hardware of its own. */
function deploymentResource({ namespace, deployment, stable: { served } }: Route<RoutedSlot>): Resource {
  const targets = [...new Set(served.variants.map(({ target }) => target))];
  return resource('deployment', {
    namespace,
    deployment,
    model: served.ensemble === undefined ? served.model : undefined,
    target: targets.length === 0 ? undefined : targets,
  });
}
