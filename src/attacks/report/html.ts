/** Text that is markup already and may stand in a page as it is. */
export interface Markup {
  readonly markup: string;
}

/** What may stand between markup: text is escaped, markup is not, lists are joined. */
export type Part = string | number | Markup | readonly Part[];

/**
 * Markup with parts put in, every text escaped: what comes from a record can become neither an element nor an
 * attribute. Attributes must be written in double quotes.
 */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const [first = '', ...rest] = literals;
  return {
    markup: rest.reduce((all, literal, i) => all + render(parts[i] ?? '') + literal, first),
  };
}

/** Says that a text is markup; only for what this program made whole, such as a plot. */
export function trusted(markup: string): Markup {
  return { markup };
}

/** Text with the five characters escaped that mean something in HTML, XML and attributes. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function render(part: Part): string {
  if (typeof part === 'string') return escapeText(part);
  if (typeof part === 'number') return String(part);
  return 'markup' in part ? part.markup : part.map(render).join('');
}
