import { InputError } from '../../base/index.js';

/** How an image stands in a body: PNG in base64 or as a data URL, or its numbers in one list or nested. */
export const imageForms = ['base64', 'data-url', 'numbers', 'rows'] as const;
export type ImageForm = (typeof imageForms)[number];

/** One image in the forms that a template asks for. */
export type EncodedImage = Readonly<Partial<Record<ImageForm, unknown>>>;

const mostDepth = 32;

/** The forms in which a template holds images. Throws `InputError` `suspect.config` for a template without a sound place for one. */
export function formsOf(template: unknown): ImageForm[] {
  const forms = new Set<ImageForm>();
  walk(template, { forms, depth: 0, place: hasEach(template) ? 'outside' : 'single' });
  if (forms.size > 0) return [...forms];
  throw refusal('holds no {"$image": FORM}, so that no image would be sent');
}

/** Whether a template has a place for several images. */
export function hasEach(template: unknown): boolean {
  return nodes(template).some((node) => Object.hasOwn(node, '$images'));
}

/**
 * A template with images in their places. Values are put into parsed JSON, never into text, so that nothing in them can
 * become part of its structure.
 */
export function fill(
  template: unknown,
  images: readonly EncodedImage[],
  image: EncodedImage | undefined = images[0],
): unknown {
  if (typeof template !== 'object' || template === null) return template;
  if (Array.isArray(template)) return template.map((member) => fill(member, images, image));
  const members = Object.entries(template);
  const [[name, value] = ['', undefined]] = members;
  if (name === '$image') return image?.[value as ImageForm];
  if (name === '$images') return images.map((one) => fill(value, images, one));
  return Object.fromEntries(members.map(([key, member]) => [key, fill(member, images, image)]));
}

/** All objects of a template; it came from a small file, but may be deep. */
function nodes(template: unknown): object[] {
  const found: object[] = [];
  const left: unknown[] = [template];
  while (left.length > 0) {
    const node = left.pop();
    if (typeof node !== 'object' || node === null) continue;
    if (!Array.isArray(node)) found.push(node);
    // Not spread: a list may have more members than a call has room for.
    for (const member of Object.values(node) as unknown[]) left.push(member);
  }
  return found;
}

function walk(
  node: unknown,
  {
    forms,
    depth,
    place,
  }: {
    forms: Set<ImageForm>;
    depth: number;
    /** In a template for one image, or of one for several outside or inside of their list. */
    place: 'single' | 'outside' | 'inside';
  },
): void {
  if (depth > mostDepth) throw refusal(`is more than ${mostDepth} levels deep`);
  if (typeof node !== 'object' || node === null) return;
  const members = Object.entries(node);
  const special = Array.isArray(node) ? undefined : members.find(([name]) => name.startsWith('$'));
  if (special === undefined) {
    for (const [, member] of members) walk(member, { forms, depth: depth + 1, place });
    return;
  }
  const [name, value] = special as [string, unknown];
  if (members.length > 1) throw refusal(`has members beside ${JSON.stringify(name)}`);
  if (name === '$images') {
    if (place === 'inside') throw refusal('holds {"$images": …} inside of another');
    walk(value, { forms, depth: depth + 1, place: 'inside' });
    return;
  }
  const form = imageForms.find((known) => known === value);
  if (name !== '$image' || form === undefined) {
    throw refusal(`holds ${JSON.stringify(node).slice(0, 100)}, which names no form of an image`);
  }
  if (place === 'outside') throw refusal('holds a {"$image": …} outside of its {"$images": …}');
  forms.add(form);
}

function refusal(what: string): InputError {
  return new InputError({
    code: 'suspect.config',
    message: `endpoint settings: the body ${what}`,
    hint: `write {"$image": FORM} for an image, FORM one of ${imageForms.join(', ')}, or {"$images": {"$image": FORM}} for several`,
  });
}
