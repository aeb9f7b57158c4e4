/** Where models are pushed, manifests committed and inferences sent, of whatever programs do it. */
export interface SlipwayAddresses {
  readonly stateDir: string;
  readonly registry: string;
  readonly gateway: string;
  readonly gatewayGrpc: string;
  readonly git: string;
  /** Of the process that serves. */
  readonly pid: number;
  /** What to know when it does not answer: whether it has ended, and its last words. */
  describe(): string;
  /** Ends what does not serve, where that is in processes of its own. */
  endControlPlane(): Promise<void>;
  stop(): Promise<void>;
}
