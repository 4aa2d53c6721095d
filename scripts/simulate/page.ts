import { confidence, type Rate, type Row } from './run.js';
import { alphaBits } from './setting.js';

const percent = (rate: number): string => `${(100 * rate).toFixed(2)} %`;
const interval = ({ low, high }: Rate): string => `${percent(low)} to ${percent(high)}`;

/** The measured rates, as a table of markdown. */
export function ratesTable(rows: readonly Row[]): string {
  return table(
    [
      'strategy',
      'claims',
      'false wins',
      'rate',
      `${100 * confidence} % interval`,
      'bound',
      'below',
    ],
    rows.map(({ strategy, claims, measured, bound }) => [
      strategy.name,
      claims.toLocaleString('en'),
      measured.wins.toLocaleString('en'),
      percent(measured.rate),
      interval(measured),
      percent(bound),
      measured.rate <= bound ? 'yes' : measured.low > bound ? 'NO' : 'within the interval',
    ]),
  );
}

/** The same claims before a judge who leaves the charge out. */
export function controlsTable(rows: readonly Row[]): string {
  return table(
    [
      'strategy',
      'left out',
      'false wins',
      'rate',
      `${100 * confidence} % interval`,
      'bound',
      'above',
    ],
    rows.flatMap(({ strategy, control, bound }) =>
      control
        ? [
            [
              strategy.name,
              strategy.control ?? '',
              control.wins.toLocaleString('en'),
              percent(control.rate),
              interval(control),
              percent(bound),
              control.low > bound ? 'yes' : 'NO',
            ],
          ]
        : [],
    ),
  );
}

function settingsTable(rows: readonly Row[]): string {
  return table(
    ['strategy', 'what the owner does', 'K', 'n', 'B', 'commitments', 'suspects'],
    rows.map(({ strategy: { name, description, setting } }) => [
      name,
      description,
      ...[setting.classes, setting.batchSize, setting.batches, setting.tries, setting.suspects].map(
        String,
      ),
    ]),
  );
}

/** docs/simulation.md. */
export function simulationPage(rows: readonly Row[], seed: string): string {
  const total = rows.reduce((sum, { claims }) => sum + claims, 0).toLocaleString('en');
  return `# Simulated false claims

Does the decision keep its promise when the owner is dishonest? With the default policy a false claim wins once in 2^40, which nobody can
count. Here everything is small (α = 2^-${alphaBits}, few classes, small batches), so that false claims do win, and ${total} of them are counted.
\`npm run simulate claims\` makes this page; the seed is \`${seed}\`, and the same seed gives the same page.

![rates of false wins by strategy](results/claims.svg)

## With the product's decision

${ratesTable(rows)}

## Without the charge

The same owners before a judge who does not charge for what they do. If a rate here were not above the bound, the row above
would show nothing: the charge would not be needed, or the owner would be too stupid.

${controlsTable(rows)}

## The owners

${settingsTable(rows)}

K classes, batches of n, B of them. No suspect holds a mark: each is a function from images to classes that was drawn before the
label seed. An owner who is charged log2 of a number tries exactly that many, computes all labels, and takes what promises most;
he knows the threshold. The bound is the same for all, 2^-α; it is the sum of what is allowed to each kind of label map, and owners who keep to the plain one
get half of it. An owner with whom the judge is in league (see [threat-model.md](threat-model.md)) writes the map as he likes.

## What is real and what is not

The product's own code makes the labels (\`deriveLabel\`: Poseidon over BN254), deals the batches (\`dealPairs\`), picks one (\`pickBatch\`,
\`unspentBatches\`), computes the threshold (\`threshold\`, \`labelMapCharge\`) and decides (\`decide\`). The label seed is scrypt of the product's own bytes
(\`labelSeedInput\`) at its cheapest cost in place of 128 MiB and a third of a second; the tries are counted, so the cost
changes nothing. Left out: signatures of commitments and receipts (a puppet signs anything); opening and asking, as suspects are tables. Trigger
commitments are drawn from a pool of 256 real ones.

A row fails the run if the lower end of its interval is above the bound, or if its control is not.
`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
