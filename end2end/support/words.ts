import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../locales');

export type Language = 'en' | 'es' | 'zh';
const files = new Map<string, unknown>();

/**
 * The text that the screens show, read from where they take it: `words('alerts.state.seated', { table:
 * '12' })`. A key that does not exist, or a value that is not given, fails the test.
 */
export function words(key: string, values: Record<string, string> = {}, language: Language = 'en'): string {
  const [namespace = '', ...path] = key.split('.');
  const file = join(folder, language, `${namespace}.json`);
  if (!files.has(file)) files.set(file, JSON.parse(readFileSync(file, 'utf8')));
  const inside = (part: unknown, name: string) => (part as Record<string, unknown> | undefined)?.[name];
  const text = path.reduce(inside, files.get(file));
  if (typeof text !== 'string') throw new Error(`no text has the key ${key}`);
  return text.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${key} needs a value for ${name}`);
    return value;
  });
}
