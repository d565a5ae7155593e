import {
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { limitSelections, MAX_TOKENS, selectionLimits } from '../selection-limits.js';

/** An operation as a client sends it over the WebSocket. */
export interface SentOperation {
  query: string;
  operationName?: string | null;
  variables?: Record<string, unknown> | null;
}

/** What to execute, or why it is refused. */
export interface SocketOperations {
  prepare(sent: SentOperation): Omit<ExecutionArgs, 'contextValue'> | readonly GraphQLError[];
}

const MAX_DOCUMENTS = 1_000;

/**
 * Checks operations by the rules that hold over HTTP. Thousands of clients send the same few documents,
 * so those that were valid are remembered.
 */
export function createSocketOperations(deps: { schema: GraphQLSchema; isOpen: boolean }): SocketOperations {
  const valid = new LRUCache<string, DocumentNode>({ max: MAX_DOCUMENTS });
  const rules = [
    ...specifiedRules,
    limitSelections(selectionLimits),
    ...(deps.isOpen ? [] : [NoSchemaIntrospectionCustomRule]),
  ];

  function check(query: string): DocumentNode | readonly GraphQLError[] {
    const document = tryParse(query);
    if (document instanceof GraphQLError) return [document];
    const errors = validate(deps.schema, document, rules, { hideSuggestions: !deps.isOpen, maxErrors: 20 });
    if (errors.length > 0) return errors;
    valid.set(query, document);
    return document;
  }

  return {
    prepare({ query, operationName, variables }) {
      const document = valid.get(query) ?? check(query);
      if (!('kind' in document)) return document;
      return { schema: deps.schema, document, operationName, variableValues: variables };
    },
  };
}

function tryParse(query: string): DocumentNode | GraphQLError {
  try {
    return parse(query, { maxTokens: MAX_TOKENS });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    error.extensions['code'] = 'GRAPHQL_PARSE_FAILED';
    return error;
  }
}
