import {
  buildSchema,
  getNamedType,
  type GraphQLField,
  type GraphQLInputType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';

/** Where an operation takes text: names of arguments, fields and, in lists, places. */
export type TextPath = readonly string[];

export interface TextArgument {
  kind: 'query' | 'mutation' | 'subscription';
  /** Name of the operation. */
  field: string;
  path: TextPath;
  query: string;
  /** Whether it takes a file, as the variable `file`. */
  hasFile: boolean;
  /** Variables with `value` as the text, and what the operation needs besides. */
  variables: (value: unknown) => Record<string, unknown>;
}

type Field = GraphQLField<unknown, unknown>;

const MAX_DEPTH = 5;
const texts = ['String', 'ID'];
const samples: Record<string, unknown> = {
  ...{ String: 'text', ID: 'missing', Int: 1, Float: 1, Boolean: true, SafeInt: 1, Upload: null },
  ...{ DateTime: '2030-01-01T00:00:00Z', JSON: {}, JSONObject: {} },
};

/** Every place in every operation of a schema that takes text. */
export function textArguments(schemaText: string): TextArgument[] {
  const schema = buildSchema(schemaText);
  const roots = [
    { kind: 'query', type: schema.getQueryType() },
    { kind: 'mutation', type: schema.getMutationType() },
    { kind: 'subscription', type: schema.getSubscriptionType() },
  ] as const;
  return roots.flatMap(({ kind, type }) =>
    Object.values(type?.getFields() ?? {}).flatMap((field) =>
      field.args
        .flatMap((arg) => textPaths(arg.type, [arg.name]))
        .map((path) => textArgument(kind, field, path)),
    ),
  );
}

function textPaths(type: GraphQLInputType, path: TextPath): TextPath[] {
  if (path.length > MAX_DEPTH) return [];
  if (isNonNullType(type)) return textPaths(type.ofType, path);
  if (isListType(type)) return textPaths(type.ofType, [...path, '0']);
  if (isInputObjectType(type))
    return Object.values(type.getFields()).flatMap((field) => textPaths(field.type, [...path, field.name]));
  return texts.includes(type.name) ? [path] : [];
}

function textArgument(kind: TextArgument['kind'], field: Field, path: TextPath): TextArgument {
  const defined = field.args.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ');
  const passed = field.args.map(({ name }) => `${name}: $${name}`).join(', ');
  const selection = isCompositeType(getNamedType(field.type)) ? '{ __typename }' : '';
  return {
    ...{ kind, field: field.name, path },
    query: `${kind} (${defined}) { ${field.name}(${passed}) ${selection} }`,
    hasFile: field.args.some(({ type }) => getNamedType(type).name === 'Upload'),
    variables: (value) =>
      Object.fromEntries(
        field.args
          .filter(({ name, type }) => isNonNullType(type) || name === path[0])
          .map(({ name, type }) => [
            name,
            valueOf(type, name === path[0] ? path.slice(1) : undefined, value),
          ]),
      ),
  };
}

/** A value of a type that has `value` at the end of `path`, and what is required elsewhere. */
function valueOf(type: GraphQLInputType, path: TextPath | undefined, value: unknown): unknown {
  if (isNonNullType(type)) return valueOf(type.ofType, path, value);
  if (isListType(type)) return [valueOf(type.ofType, path?.slice(1), value)];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (!isInputObjectType(type)) return path ? value : samples[type.name];
  const fields = Object.values(type.getFields());
  const needed = fields.filter((field) => isNonNullType(field.type) || field.name === path?.[0]);
  return Object.fromEntries(
    needed.map((field) => {
      const rest = field.name === path?.[0] ? path.slice(1) : undefined;
      return [field.name, valueOf(field.type, rest, value)];
    }),
  );
}
