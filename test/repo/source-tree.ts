import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface SourceFile {
  /** Relative to the repository. */
  name: string;
  text: string;
  lines: number;
  /** What it imports: files relative to the repository, packages by name. */
  imports: string[];
  /** Those of them that are there when it runs. */
  loads: string[];
}

const root = path.resolve(import.meta.dirname, '../..');

const typeImport = /^(import|export) type [^;]+;$/gm;
const importPattern = /(?:from|import)\s+'([^']+)'|import\('([^']+)'\)/g;

/** Files of the working tree that git tracks, or would, whose name has this ending. */
export function listFiles(ending: string): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
  });
  return listed.split('\0').filter((name) => name.endsWith(ending));
}

export const readText = (name: string): string => readFileSync(path.join(root, name), 'utf8');

/** All TypeScript of the product and its tests. */
export function sourceFiles(): SourceFile[] {
  return listFiles('.ts').map((name) => {
    const text = readText(name);
    const imports = importsIn(name, text);
    const loads = importsIn(name, text.replaceAll(typeImport, ''));
    return { name, text, lines: text.split('\n').length, imports, loads };
  });
}

const importsIn = (name: string, code: string): string[] =>
  [...code.matchAll(importPattern)].map(([, from = '', dynamic = '']) =>
    resolveImport(name, from || dynamic),
  );

function resolveImport(importer: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return path.posix.join(path.posix.dirname(importer), specifier).replace(/\.js$/, '.ts');
}

export const isTest = (name: string): boolean => name.endsWith('.test.ts') || name.startsWith('test/');
