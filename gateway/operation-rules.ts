import { NoSchemaIntrospectionCustomRule } from 'graphql';
import { limitSelections, MAX_TOKENS, selectionLimits } from './selection-limits.js';

/** A document with more errors than this is not worth the time to find them all. */
const MAX_ERRORS = 20;

/** What holds for every operation, over HTTP and on the WebSocket, besides the rules of the language. */
export const operationRules = ({ isOpen }: { isOpen: boolean }) => ({
  parseOptions: { maxTokens: MAX_TOKENS },
  validationRules: [limitSelections(selectionLimits), ...(isOpen ? [] : [NoSchemaIntrospectionCustomRule])],
  validationOptions: { hideSuggestions: !isOpen, maxErrors: MAX_ERRORS },
});
