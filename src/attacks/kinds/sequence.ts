import { InputError } from '../../base/index.js';
import { type Attack, type AttackOptions, type Candidate } from '../attack.js';

/**
 * One attack after another, each on what the last one left: `prune sparsities=0.5, ftal epochs=5`. Of a sweep the last point goes on.
 */
export function sequenceOf(attacks: readonly Attack[]): Attack {
  return {
    name: 'sequence',
    title: 'Several attacks in sequence',
    describe: 'One attack after another, e.g. --steps "prune sparsities=0.5; ftal epochs=5"',
    options: {
      steps: {
        describe: 'Attacks with their options, between semicolons',
        default: 'prune sparsities=0.5; ftal epochs=10; quantise bits=6',
      },
    },
    async *run(context, options) {
      let stolen = context.stolen;
      let last: Candidate | undefined;
      const steps = parseSteps(String(options['steps']), attacks);
      for (const { attack, options: own } of steps) {
        for await (const candidate of attack.run({ ...context, stolen }, own)) last = candidate;
        if (last === undefined) throw new RangeError(`${attack.name} gave no model`);
        stolen = last.classifier;
      }
      if (last) {
        const { classifier, transform, otherTask } = last;
        yield {
          label: String(options['steps']),
          classifier,
          ...(transform && { transform }),
          ...(otherTask && { otherTask }),
        };
      }
    },
  };
}

/** Throws `InputError` `attack.options` for what is no attack with options of its own. */
export function parseSteps(
  text: string,
  attacks: readonly Attack[],
): { attack: Attack; options: AttackOptions }[] {
  const parts = text.split(';');
  return parts.map((step, place) => {
    const [name = '', ...settings] = step.trim().split(/\s+/);
    const attack = attacks.find((each) => each.name === name);
    if (attack === undefined) throw refusal(`there is no attack ${JSON.stringify(name)}`);
    if (attack.endsSequence === true && place < parts.length - 1) {
      throw refusal(`${name} can only be the last step: no other attack can go on from it`);
    }
    const options: Record<string, number | string> = Object.fromEntries(
      Object.entries(attack.options).map(([key, { default: usual }]) => [key, usual]),
    );
    for (const setting of settings) {
      const [key = '', value = '', ...more] = setting.split('=');
      const usual = attack.options[key]?.default;
      const parsed = typeof usual === 'number' ? Number(value) : value;
      const isUsable = more.length === 0 && value !== '' && !Number.isNaN(parsed);
      if (usual === undefined || !isUsable) {
        throw refusal(`${name} has no option ${JSON.stringify(setting)}`);
      }
      options[key] = parsed;
    }
    return { attack, options };
  });
}

function refusal(message: string): InputError {
  return new InputError({
    code: 'attack.options',
    message,
    hint: 'write e.g. "prune sparsities=0.5; ftal epochs=5"; `veilmark attack --help` lists the attacks',
  });
}
