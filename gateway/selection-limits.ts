import {
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';

export interface SelectionLimits {
  /** Fields inside fields. */
  maxDepth: number;
  /** Fields in all, aliases and fragments counted as often as they are used. */
  maxFields: number;
}

/** Tokens of one document. */
export const MAX_TOKENS = 2_000;

/** Twice what a client that asks for everything needs; the standard introspection query fits. */
export const selectionLimits: SelectionLimits = { maxDepth: 16, maxFields: 500 };

interface Size {
  depth: number;
  fields: number;
}

const nothing: Size = { depth: 0, fields: 0 };

/** Refuses operations that ask for too much before any of it is resolved. */
export function limitSelections(limits: SelectionLimits): ValidationRule {
  return (context) => ({
    OperationDefinition(operation) {
      const size = measure(operation.selectionSet, context, new Map());
      if (size.depth <= limits.maxDepth && size.fields <= limits.maxFields) return;
      context.reportError(new GraphQLError('The operation asks for too much at once.', { nodes: operation }));
    },
  });
}

/** Every fragment is measured once; a cycle counts as nothing here and is refused by another rule. */
function measure(set: SelectionSetNode, context: ValidationContext, known: Map<string, Size>): Size {
  const size = { ...nothing };
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      const inner = selection.selectionSet ? measure(selection.selectionSet, context, known) : nothing;
      size.depth = Math.max(size.depth, inner.depth + 1);
      size.fields += inner.fields + 1;
      continue;
    }
    const inner =
      selection.kind === Kind.INLINE_FRAGMENT
        ? measure(selection.selectionSet, context, known)
        : measureFragment(selection.name.value, context, known);
    size.depth = Math.max(size.depth, inner.depth);
    size.fields += inner.fields;
  }
  return size;
}

function measureFragment(name: string, context: ValidationContext, known: Map<string, Size>): Size {
  const measured = known.get(name);
  if (measured) return measured;
  known.set(name, nothing);
  const fragment = context.getFragment(name);
  const size = fragment ? measure(fragment.selectionSet, context, known) : nothing;
  known.set(name, size);
  return size;
}
