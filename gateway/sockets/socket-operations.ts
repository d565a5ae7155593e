import {
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLSchema,
  parse,
  type ParseOptions,
  specifiedRules,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { operationRules } from '../operation-rules.js';

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

/** A document takes up to half a megabyte once it is parsed. */
const MAX_DOCUMENTS = 100;

/**
 * Checks operations by the rules that hold over HTTP. Thousands of clients send the same few documents,
 * so those that were valid are remembered.
 */
export function createSocketOperations(deps: { schema: GraphQLSchema; isOpen: boolean }): SocketOperations {
  const valid = new LRUCache<string, DocumentNode>({ max: MAX_DOCUMENTS });
  const { parseOptions, validationRules, validationOptions } = operationRules(deps);
  const rules = [...specifiedRules, ...validationRules];

  function check(query: string): DocumentNode | readonly GraphQLError[] {
    const document = tryParse(query, parseOptions);
    if (document instanceof GraphQLError) return [document];
    const errors = validate(deps.schema, document, rules, validationOptions);
    if (errors.length > 0) return errors.map((error) => named(error, 'GRAPHQL_VALIDATION_FAILED'));
    valid.set(query, document);
    return document;
  }

  return {
    prepare({ query, operationName, variables }) {
      const document = valid.get(query) ?? check(query);
      if (!('kind' in document)) return document;
      const { hideSuggestions } = validationOptions;
      return { schema: deps.schema, document, operationName, variableValues: variables, hideSuggestions };
    },
  };
}

function tryParse(query: string, options: ParseOptions): DocumentNode | GraphQLError {
  try {
    return parse(query, options);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return named(error, 'GRAPHQL_PARSE_FAILED');
  }
}

/** The error under the code that Apollo gives it over HTTP. */
function named(error: GraphQLError, code: string): GraphQLError {
  error.extensions['code'] = code;
  return error;
}
