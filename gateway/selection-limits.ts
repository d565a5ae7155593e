import {
  type FieldNode,
  getNamedType,
  GraphQLError,
  type GraphQLField,
  isInterfaceType,
  isObjectType,
  Kind,
  OperationTypeNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from './paging/page.js';

/** What one operation may ask for. What is in a fragment counts as often as the fragment is used. */
export interface SelectionLimits {
  /** Fields inside fields. */
  maxDepth: number;
  maxFields: number;
  maxAliases: number;
  maxDirectives: number;
  /** Fields that their level has already: each is compared with all others of its name, and what is in it. */
  maxRepeats: number;
  /** Fields that the answer may have: those inside a page count for each of its rows. */
  maxCost: number;
  /** Acts of one mutation: what counts requests, counts them as one. */
  maxActs: number;
}

/** Tokens of one document. Of twice as many, nested, the parser runs out of stack. */
export const MAX_TOKENS = 1_000;

/** Twice what a client that asks for everything needs; the standard introspection query fits. */
export const selectionLimits: SelectionLimits = {
  maxDepth: 16,
  maxFields: 500,
  maxAliases: 50,
  maxDirectives: 50,
  maxRepeats: 50,
  maxCost: 20_000,
  maxActs: 10,
};

interface Size {
  depth: number;
  /** Fields of the outermost level, and how the answer calls them. */
  width: number;
  names: ReadonlySet<string>;
  /** On the levels below. */
  repeats: number;
  fields: number;
  aliases: number;
  directives: number;
  cost: number;
}

const nothing: Size = {
  ...{ depth: 0, width: 0, names: new Set(), repeats: 0 },
  ...{ fields: 0, aliases: 0, directives: 0, cost: 0 },
};

const allRepeats = ({ repeats, width, names }: Size): number => repeats + width - names.size;

/** Refuses operations that ask for too much before any of it is resolved, without a word on how much is. */
export function limitSelections(limits: SelectionLimits): ValidationRule {
  return (context) => ({
    OperationDefinition(operation) {
      const { selectionSet, directives = [] } = operation;
      const root = context.getSchema().getRootType(operation.operation);
      const size = createMeasure(context)(selectionSet, root);
      const isMutation = operation.operation === OperationTypeNode.MUTATION;
      if (
        size.depth <= limits.maxDepth &&
        size.fields <= limits.maxFields &&
        size.aliases <= limits.maxAliases &&
        size.directives + directives.length <= limits.maxDirectives &&
        allRepeats(size) <= limits.maxRepeats &&
        size.cost <= limits.maxCost &&
        (!isMutation || size.width <= limits.maxActs)
      ) {
        return;
      }
      context.reportError(new GraphQLError('The operation asks for too much at once.', { nodes: operation }));
    },
  });
}

type Measure = (set: SelectionSetNode, on: unknown) => Size;

/** `on` is the type that is selected from, where the document is right about it. */
function createMeasure(context: ValidationContext): Measure {
  const known = new Map<string, Size>();

  function measure(set: SelectionSetNode, on: unknown): Size {
    const names = new Set<string>();
    const size = { ...nothing, names };
    for (const selection of set.selections) {
      const part = measureSelection(selection, on);
      size.depth = Math.max(size.depth, part.depth);
      // A level that is this wide is refused anyway.
      if (size.width <= MAX_TOKENS) for (const name of part.names) names.add(name);
      size.width += part.width;
      size.repeats += part.repeats;
      size.fields += part.fields;
      size.aliases += part.aliases;
      size.directives += part.directives + (selection.directives?.length ?? 0);
      size.cost += part.cost;
    }
    return size;
  }

  function measureSelection(selection: SelectionNode, on: unknown): Size {
    if (selection.kind === Kind.FIELD) return measureField(selection, on);
    if (selection.kind === Kind.FRAGMENT_SPREAD) return measureFragment(selection.name.value);
    const type = selection.typeCondition ? typeNamed(selection.typeCondition.name.value) : on;
    return measure(selection.selectionSet, type);
  }

  function measureField(field: FieldNode, on: unknown): Size {
    const definition = fieldOf(on, field.name.value);
    const type = definition && getNamedType(definition.type);
    const inner = field.selectionSet ? measure(field.selectionSet, type) : nothing;
    return {
      depth: inner.depth + 1,
      width: 1,
      names: new Set([(field.alias ?? field.name).value]),
      repeats: allRepeats(inner),
      fields: inner.fields + 1,
      aliases: inner.aliases + (field.alias ? 1 : 0),
      directives: inner.directives,
      cost: 1 + inner.cost * rowsOf(field, definition),
    };
  }

  /** Every fragment is measured once; a cycle counts as nothing here and is refused by another rule. */
  function measureFragment(name: string): Size {
    const measured = known.get(name);
    if (measured) return measured;
    known.set(name, nothing);
    const fragment = context.getFragment(name);
    const size = fragment
      ? measure(fragment.selectionSet, typeNamed(fragment.typeCondition.name.value))
      : nothing;
    known.set(name, size);
    return size;
  }

  const typeNamed = (name: string): unknown => context.getSchema().getType(name);
  return measure;
}

const fieldOf = (type: unknown, name: string): GraphQLField<unknown, unknown> | undefined =>
  isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;

/** Rows that a field answers with at most: of a page as many as are asked for, else one. */
function rowsOf(field: FieldNode, definition: GraphQLField<unknown, unknown> | undefined): number {
  if (!definition?.args.some(({ name }) => name === 'first')) return 1;
  const given = field.arguments?.find(({ name }) => name.value === 'first')?.value;
  if (!given) return DEFAULT_PAGE_SIZE;
  // The value of a variable is not known when a document is checked.
  if (given.kind !== Kind.INT) return MAX_PAGE_SIZE;
  return Math.min(Math.max(Number(given.value), 1), MAX_PAGE_SIZE);
}
