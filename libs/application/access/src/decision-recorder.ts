import type { ActionName, Principal, Resource } from '#domain/access';
import type { Decision, RecordedDecision } from './decision.ts';

const MAX_ENTRIES = 1000;
/** Things that one was shown by an action: a long list tells no more than its beginning. */
const MAX_SHOWN = 32;
/** After so many questions what to show, one in some is looked at: rows of lists are read anew each time, and dear to tell apart. */
const LOOKED_AT = 256;
const LOOK_STEP = 16;

interface Entry {
  readonly decision: Decision;
  readonly name: string;
  readonly asker: Asker;
  readonly line: Line;
  readonly firstAtMs: number;
  lastAtMs: number;
  address: string | undefined;
  count: number;
  isForgotten: boolean;
}

/** All that one principal asked, whatever objects stood for them. */
interface Asker {
  readonly name: string;
  readonly lines: Map<ActionName, Map<string | undefined, Line>>;
  entries: number;
}

/** What one principal asked of one action and field. */
interface Line {
  /** Entries of things that were merely shown. */
  shown: number;
  /** Questions what to show. */
  asked: number;
  /** What was asked last: most often it is asked again. */
  last: Entry | undefined;
}

/**
 * Remembers which questions were put to the policies: each once, with how often and when last. Those that were not put for the longest
 * time are forgotten. A question that was put last by its principal is noted without a look at anything else; of what is shown in lists only
 * a sample is remembered and counted.
 */
export class DecisionRecorder {
  readonly #maxEntries: number;
  readonly #entries = new Map<string, Entry>();
  readonly #askers = new Map<string, Asker>();
  readonly #askerOf = new WeakMap<Principal, Asker>();
  readonly #names = new WeakMap<Resource, string>();
  #newest = 0;
  #noted = 0;

  constructor(maxEntries = MAX_ENTRIES) {
    this.#maxEntries = maxEntries;
  }

  /** How many were noted that were not remembered before. */
  get newest(): number {
    return this.#newest;
  }

  /** How many were noted at all. */
  get noted(): number {
    return this.#noted;
  }

  note(decision: Decision): void {
    const asker = this.#askerFor(decision.principal);
    const line = lineOf(asker, decision);
    const { last } = line;
    if (last !== undefined && last.decision.resource === decision.resource && !last.isForgotten) {
      this.#count(last, decision);
      return;
    }
    const isSample = isShown(decision);
    if (isSample) {
      line.asked += 1;
      if (line.asked > LOOKED_AT && line.asked % LOOK_STEP !== 0) return;
    }
    const { action, field, resource } = decision;
    const name = `${asker.name}\n${action}\n${field ?? ''}\n${resource === undefined ? '' : this.#nameOf(resource)}`;
    const known = this.#entries.get(name);
    if (known !== undefined) this.#count(known, decision);
    else if (!isSample || line.shown < MAX_SHOWN) this.#add(name, asker, line, decision);
  }

  /** All that is remembered, what was put last first. */
  decisions(): readonly RecordedDecision[] {
    const newestFirst = [...this.#entries.values()].sort((left, right) => right.lastAtMs - left.lastAtMs);
    return newestFirst.map(({ decision, firstAtMs, lastAtMs, address, count }) => ({
      principal: withoutCredential(decision.principal),
      action: decision.action,
      ...(decision.resource === undefined ? {} : { resource: decision.resource }),
      ...(decision.field === undefined ? {} : { field: decision.field }),
      count,
      firstAtMs,
      lastAtMs,
      ...(address === undefined ? {} : { address }),
    }));
  }

  #add(name: string, asker: Asker, line: Line, decision: Decision): void {
    // Some at once, so that each costs little.
    if (this.#entries.size >= this.#maxEntries) this.#forgetOldest(Math.ceil(this.#maxEntries / 8));
    const { nowMs, address } = decision.circumstances;
    const times = { firstAtMs: nowMs, lastAtMs: nowMs, address, count: 1 };
    const entry: Entry = { decision, name, asker, line, ...times, isForgotten: false };
    this.#entries.set(name, entry);
    this.#askers.set(asker.name, asker);
    asker.entries += 1;
    if (isShown(decision)) line.shown += 1;
    line.last = entry;
    this.#newest += 1;
    this.#noted += 1;
  }

  #count(entry: Entry, { circumstances }: Decision): void {
    entry.count += 1;
    entry.lastAtMs = circumstances.nowMs;
    entry.address = circumstances.address;
    entry.line.last = entry;
    this.#noted += 1;
  }

  #forgetOldest(count: number): void {
    const oldestFirst = [...this.#entries.values()].sort((left, right) => left.lastAtMs - right.lastAtMs);
    for (const entry of oldestFirst.slice(0, count)) {
      const { name, asker, line, decision } = entry;
      entry.isForgotten = true;
      this.#entries.delete(name);
      if (isShown(decision)) line.shown -= 1;
      if (line.last === entry) line.last = undefined;
      asker.entries -= 1;
      if (asker.entries === 0) this.#askers.delete(asker.name);
    }
  }

  #askerFor(principal: Principal): Asker {
    const known = this.#askerOf.get(principal);
    if (known !== undefined) return known;
    const name = principalName(principal);
    const asker = this.#askers.get(name) ?? { name, lines: new Map(), entries: 0 };
    this.#askerOf.set(principal, asker);
    return asker;
  }

  #nameOf(resource: Resource): string {
    let name = this.#names.get(resource);
    if (name === undefined) {
      name = JSON.stringify([resource.kind, ...resource.attributes]);
      this.#names.set(resource, name);
    }
    return name;
  }
}

/** A principal as all that policies ask of it. */
export function principalName(principal: Principal): string {
  const { kind, id, groups, attributes, credential, scope } = principal;
  return JSON.stringify([kind, id, groups, attributes, credential, scope?.actions, scope?.namespaces]);
}

/** Whether it was asked what to show of one thing; all else is done, or asked of a list as a whole. */
function isShown({ isRequired, resource }: Decision): boolean {
  return !isRequired && resource !== undefined;
}

function lineOf({ lines }: Asker, { action, field }: Decision): Line {
  let byField = lines.get(action);
  if (byField === undefined) {
    byField = new Map();
    lines.set(action, byField);
  }
  let line = byField.get(field);
  if (line === undefined) {
    line = { shown: 0, asked: 0, last: undefined };
    byField.set(field, line);
  }
  return line;
}

/** What a key is for decides; which key it was does not. */
function withoutCredential({ validUntilMs: _, scope, ...principal }: Principal): Principal {
  return scope === undefined ? principal : { ...principal, scope: { ...scope, keyId: '' } };
}
