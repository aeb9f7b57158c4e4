import type { Ability, Circumstances, CompiledPolicies } from '#application/access';
import { isAbout, type Principal, type Rule } from '#domain/access';
import { engineFor } from './casl-engine.ts';
import { CircumstanceBits } from './circumstance-bits.ts';
import { ScopedAbility } from './scoped-ability.ts';

/** Makes rules ready to be asked, by CASL. */
export function compilePolicies(rules: readonly Rule[]): CompiledPolicies {
  return new CaslPolicies(rules);
}

class CaslPolicies implements CompiledPolicies {
  readonly #rules: readonly Rule[];
  readonly #bits: CircumstanceBits;
  /** By principal object and by what holds of the circumstances. What nobody refers to any more is gone. */
  readonly #abilities = new WeakMap<Principal, Map<string, Ability>>();

  constructor(rules: readonly Rule[]) {
    this.#rules = rules;
    this.#bits = new CircumstanceBits(rules);
  }

  abilityOf(principal: Principal, circumstances: Circumstances): Ability {
    const bits = this.#bits.of(principal, circumstances);
    let byBits = this.#abilities.get(principal);
    if (byBits === undefined) {
      byBits = new Map();
      this.#abilities.set(principal, byBits);
    }
    let ability = byBits.get(bits);
    if (ability === undefined) {
      const rules = this.#rules.filter((rule) => isAbout(rule, principal) && this.#bits.holdAll(rule, bits));
      ability = new ScopedAbility(engineFor(rules, principal), principal);
      byBits.set(bits, ability);
    }
    return ability;
  }
}
