import type { Database } from '../../platform/mongo.js';
import { RateCount } from '../../schema/rate-count.js';

/** Where rate-limiter-flexible counts for all gateways together. */
export const rateCounts = (db: Database) => ({
  storeClient: db.connection.getClient(),
  dbName: db.connection.name,
  tableName: db.model(RateCount).collection.collectionName,
  // `prepareStorage` makes them.
  disableIndexesCreation: true,
});
