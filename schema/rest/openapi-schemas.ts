import { z } from 'zod';

export type Json = Record<string, unknown>;

/** JSON schemas of zod's, as they are on the wire; those with an id stand in one place. */
export interface Schemas {
  /** By id: the components of the document. */
  all: Record<string, Json>;
  add(name: string, schema: z.ZodType): void;
  of(schema: z.ZodType): Json;
}

export function createSchemas(): Schemas {
  const all: Record<string, Json> = {};

  function of(schema: z.ZodType): Json {
    const made = z.toJSONSchema(schema, {
      target: 'draft-2020-12',
      io: 'input',
      override: ({ jsonSchema }) => {
        // The format says it, and readably; and that integers are safe in JavaScript says nothing of them.
        if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
        if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
        if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
        delete jsonSchema.id;
      },
    });
    const {
      $schema: _,
      $defs,
      ...rest
    } = JSON.parse(JSON.stringify(made).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json & {
      $defs?: Record<string, Json>;
    };
    Object.assign(all, $defs);
    return rest;
  }

  return { all, of, add: (name, schema) => (all[name] = of(schema)) };
}
