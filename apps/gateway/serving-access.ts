import { addressBehind, type ForwardingHeaders, type Peer } from '#adapters/http-access';
import {
  type Ability,
  type Access,
  type Caller,
  type CallLimits,
  FREE_PASS,
  type Pass,
  type PoliciesInForce,
} from '#application/access';
import type { RoutedSlot } from '#application/serving';
import { type ActionName, type Limit, limitsFor, type Resource, resource } from '#domain/access';
import { deploymentNamed, deploymentNotFound, type Route, type RouteTable } from '#domain/routing';

/** Who may do one of these knows that a deployment is there. */
const SHOWN_BY: readonly ActionName[] = ['deployment.read', 'deployment.describe'];

/** A permission is asked for again after so long, so that the record of decisions knows that it is used. */
const FINDING_MS = 60_000;

/** That somebody may infer, under some limits. */
interface Finding {
  readonly limits: readonly Limit[];
  /** Since the epoch. */
  readonly untilMs: number;
}

/** What access to served models is decided with. */
export interface ServingAccessParts extends Pick<Access, 'control' | 'isOpen'> {
  readonly policies: Pick<PoliciesInForce, 'limits'>;
  readonly limits: CallLimits;
  readonly routes: () => RouteTable<RoutedSlot>;
}

/** What a request shows of its sender. */
export interface ShownSender {
  /** The header, whole. */
  readonly authorization: string | undefined;
  /** At the other end of the connection: the sender, or a proxy. */
  readonly peer: Peer;
  /** Read for where it comes from, where proxies are believed. */
  readonly headers: ForwardingHeaders;
}

/** An inference, before its tensors are looked at. */
export interface AskedInference extends ShownSender {
  readonly modelName: string;
}

/**
 * Who may use what this gateway serves, and how much. For somebody who may know nothing of a deployment it is not there.
 *
 * An inference costs three look-ups more when its sender and its route were seen before: the credential's principal, what that may do, and
 * that it may infer here, with the limits that hold. Routes and abilities are immutable, so that a change of either is a new question.
 */
export class ServingAccess {
  readonly #parts: ServingAccessParts;
  readonly #resources = new WeakMap<Route<RoutedSlot>, Resource>();
  readonly #mayInfer = new WeakMap<Ability, WeakMap<Route<RoutedSlot>, Finding>>();

  constructor(parts: ServingAccessParts) {
    this.#parts = parts;
  }

  /** Whether everybody may do everything, and nobody is asked who they are. */
  get isOpen(): boolean {
    return this.#parts.isOpen;
  }

  /**
   * The sender of a request.
   *
   * @throws UNAUTHENTICATED, TOKEN_ISSUER_UNAVAILABLE
   */
  admit({ authorization, peer: { address, certificate }, headers }: ShownSender): Caller | Promise<Caller> {
    const { control } = this.#parts;
    return control.admit({ authorization, certificate }, addressBehind(address, headers, control));
  }

  /**
   * The sender of a request.
   *
   * @returns `undefined` where everybody may do everything, and nobody is asked who they are.
   * @throws UNAUTHENTICATED, TOKEN_ISSUER_UNAVAILABLE
   */
  callerOf(shown: ShownSender): Caller | Promise<Caller> | undefined {
    return this.#parts.isOpen ? undefined : this.admit(shown);
  }

  /**
   * Finds out whether an inference is allowed, without counting it.
   *
   * @returns `undefined` when it is; otherwise what has to be waited for.
   * @throws UNAUTHENTICATED, TOKEN_ISSUER_UNAVAILABLE, ACCESS_DENIED, DEPLOYMENT_NOT_FOUND
   */
  checkInference(asked: AskedInference): Promise<unknown> | undefined {
    if (this.#parts.isOpen) return undefined;
    const caller = this.admit(asked);
    if (caller instanceof Promise) return caller.then((admitted) => this.#limitsOf(admitted, asked.modelName));
    this.#limitsOf(caller, asked.modelName);
    return undefined;
  }

  /**
   * Lets an inference pass, and counts it until its pass ends; at once where its sender is known.
   *
   * @param bytes of the request as it came.
   * @throws UNAUTHENTICATED, TOKEN_ISSUER_UNAVAILABLE, ACCESS_DENIED, DEPLOYMENT_NOT_FOUND, RATE_LIMITED
   */
  passInference(asked: AskedInference, bytes: number): Pass | Promise<Pass> {
    if (this.#parts.isOpen) return FREE_PASS;
    const caller = this.admit(asked);
    const { modelName } = asked;
    if (caller instanceof Promise) return caller.then((admitted) => this.passCaller(admitted, modelName, bytes));
    return this.passCaller(caller, modelName, bytes);
  }

  /**
   * The same for a sender who was let in.
   *
   * @param caller as {@link callerOf} tells.
   * @throws UNAUTHENTICATED, ACCESS_DENIED, DEPLOYMENT_NOT_FOUND, RATE_LIMITED
   */
  passCaller(caller: Caller | undefined, modelName: string, bytes: number): Pass {
    if (caller === undefined) return FREE_PASS;
    const limits = this.#limitsOf(caller, modelName);
    if (limits.length === 0) return FREE_PASS;
    const { principal, circumstances } = caller;
    const { address } = circumstances;
    return this.#parts.limits.pass(limits, { principal, address, deployment: modelName, bytes });
  }

  /** The limits of somebody who may infer. @throws UNAUTHENTICATED, ACCESS_DENIED, DEPLOYMENT_NOT_FOUND */
  #limitsOf(caller: Caller, modelName: string): readonly Limit[] {
    const route = this.#parts.routes().get(modelName);
    const { nowMs } = caller.circumstances;
    const known = this.#mayInfer.get(caller.ability);
    const found = route === undefined ? undefined : known?.get(route);
    if (found !== undefined && nowMs < found.untilMs) return found.limits;
    this.require(caller, 'deployment.infer', modelName);
    // Whoever is asked next says that there is nothing of that name.
    if (route === undefined) return [];
    const limits = limitsFor(this.#parts.policies.limits, caller.principal, this.#resourceOf(modelName));
    const finding = { limits, untilMs: nowMs + FINDING_MS };
    if (known === undefined) this.#mayInfer.set(caller.ability, new WeakMap([[route, finding]]));
    else known.set(route, finding);
    return limits;
  }

  /**
   * Lets somebody pass who may do something with a deployment, whether there is one of that name or not.
   *
   * @throws ACCESS_DENIED; DEPLOYMENT_NOT_FOUND in the same words whether it is not there or they may know nothing of it, and UNAUTHENTICATED
   * instead of either where nothing says who they are
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

/** A deployment as its controller describes it, so that every program decides by the same attributes. */
function deploymentResource({ namespace, deployment, attributes }: Route<RoutedSlot>): Resource {
  const { model, targets = [], labels } = attributes ?? {};
  const target = targets.length === 0 ? undefined : targets;
  return resource('deployment', { namespace, deployment, model, target }, labels);
}
