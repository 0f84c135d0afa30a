/** `wix-data`, as far as the portal's backend uses it. https://dev.wix.com/docs/velo/apis/wix-data/introduction */

import { WixFault, call } from '../site.js';

const ITEMS = '/wix-data/v2/items';
const MOST_PER_PAGE = 1000;

/** An immutable query over a collection: each method returns a new one. */
class Query {
  #state;

  constructor(state) {
    this.#state = { parts: [], sort: [], fields: [], limit: 50, offset: 0, ...state };
  }

  eq(field, value) {
    return this.#filtered({ [field]: { $eq: encodeDates(value) } });
  }

  ne(field, value) {
    return this.#filtered({ [field]: { $ne: encodeDates(value) } });
  }

  ge(field, value) {
    return this.#filtered({ [field]: { $gte: encodeDates(value) } });
  }

  lt(field, value) {
    return this.#filtered({ [field]: { $lt: encodeDates(value) } });
  }

  isEmpty(field) {
    return this.#filtered({ [field]: { $exists: false } });
  }

  isNotEmpty(field) {
    return this.#filtered({ [field]: { $exists: true } });
  }

  startsWith(field, text) {
    return this.#filtered({ [field]: { $startsWith: text } });
  }

  not(other) {
    return this.#filtered({ $not: [other.#filter()] });
  }

  hasSome(field, values) {
    return this.#filtered({ [field]: { $hasSome: encodeDates(values) } });
  }

  or(other) {
    return this.#with({ parts: [{ $or: [this.#filter(), other.#filter()] }] });
  }

  and(other) {
    return this.#filtered(other.#filter());
  }

  ascending(...fields) {
    return this.#sorted(fields, 'ASC');
  }

  descending(...fields) {
    return this.#sorted(fields, 'DESC');
  }

  fields(...fields) {
    return this.#with({ fields });
  }

  limit(limit) {
    if (limit > MOST_PER_PAGE) {
      throw new WixFault(400, 'WDE0075', `a page has at most ${MOST_PER_PAGE} items`);
    }
    return this.#with({ limit });
  }

  async find(options) {
    requireSuppressAuth(options);
    const { collection, sort, fields, limit, offset } = this.#state;
    const query = { filter: this.#filter(), sort, fields, paging: { limit, offset } };
    const asked = { dataCollectionId: collection, query, consistentRead: options.consistentRead === true, returnTotalCount: !options.omitTotalCount };
    const { dataItems, pagingMetadata } = await call('POST', `${ITEMS}/query`, asked);
    const end = offset + dataItems.length;
    const more = dataItems.length === limit && end < (pagingMetadata.total ?? end);
    return {
      items: dataItems.map((item) => decodeDates(item.data)),
      length: dataItems.length,
      totalCount: pagingMetadata.total,
      hasNext: () => more,
      next: () => this.#with({ offset: end }).find(options),
    };
  }

  #filter() {
    const { parts } = this.#state;
    return parts.length === 1 ? parts[0] : parts.length ? { $and: parts } : {};
  }

  #filtered(part) {
    return this.#with({ parts: [...this.#state.parts, part] });
  }

  #sorted(fields, order) {
    return this.#with({ sort: [...this.#state.sort, ...fields.map((fieldName) => ({ fieldName, order }))] });
  }

  #with(changes) {
    return new Query({ ...this.#state, ...changes });
  }
}

export default {
  query: (collection) => new Query({ collection }),

  /** Return the item, or null. */
  async get(collection, itemId, options) {
    requireSuppressAuth(options);
    const asked = new URLSearchParams({ dataCollectionId: collection, consistentRead: String(options.consistentRead === true) });
    try {
      const { dataItem } = await call('GET', `${ITEMS}/${encodeURIComponent(itemId)}?${asked}`);
      return decodeDates(dataItem.data);
    } catch (error) {
      if (error.code === 'WDE0073') {
        return null;
      }
      throw error;
    }
  },

  insert: (collection, item, options) => writeItem('POST', ITEMS, collection, item, options),
  update: (collection, item, options) => writeItem('PUT', `${ITEMS}/${encodeURIComponent(item._id)}`, collection, item, options),
  save: (collection, item, options) => writeItem('POST', `${ITEMS}/save`, collection, item, options),

  async bulkSave(collection, items, options) {
    requireSuppressAuth(options);
    const dataItems = items.map((item) => ({ ...(item._id ? { id: item._id } : {}), data: encodeDates(item) }));
    const { results } = await call('POST', '/wix-data/v2/bulk/items/save', { dataCollectionId: collection, dataItems });
    const of = (action) => results.filter((one) => one.itemMetadata.success && one.action === action);
    const errors = results.filter((one) => !one.itemMetadata.success).map(({ itemMetadata: { error, originalIndex } }) => ({ ...error, originalIndex }));
    return { inserted: of('INSERT').length, updated: of('UPDATE').length, skipped: 0, errors };
  },

  /** Set fields of one item; it fails if there is none. */
  patch: (collection, itemId) =>
    patchOf(async (fieldModifications) => {
      const asked = { dataCollectionId: collection, patch: { dataItemId: itemId, fieldModifications } };
      const { dataItem } = await call('PATCH', `${ITEMS}/${encodeURIComponent(itemId)}`, asked);
      return decodeDates(dataItem.data);
    }),

  /** Set fields of at most 100 items. Those that do not exist are skipped. */
  bulkPatch: (collection, itemIds) =>
    patchOf(async (fieldModifications) => {
      const patches = itemIds.map((dataItemId) => ({ dataItemId, fieldModifications }));
      const { results } = await call('POST', '/wix-data/v2/bulk/items/patch', { dataCollectionId: collection, patches });
      const updated = results.filter((one) => one.itemMetadata.success).length;
      return { inserted: 0, updated, skipped: results.length - updated, errors: [] };
    }),

  async bulkRemove(collection, itemIds, options) {
    requireSuppressAuth(options);
    const { bulkActionMetadata } = await call('POST', '/wix-data/v2/bulk/items/remove', { dataCollectionId: collection, dataItemIds: itemIds });
    return { removed: bulkActionMetadata.totalSuccesses, skipped: bulkActionMetadata.totalFailures };
  },
};

/** The changes of a patch, in the order in which they are chained. `send` gets them as Wix's API takes them. */
function patchOf(send) {
  const fieldModifications = [];
  const patch = {
    setField(fieldPath, value) {
      fieldModifications.push({ fieldPath, action: 'SET_FIELD', setFieldOptions: { value: encodeDates(value) } });
      return patch;
    },
    async run(options) {
      requireSuppressAuth(options);
      return send(fieldModifications);
    },
  };
  return patch;
}

async function writeItem(method, path, collection, item, options) {
  requireSuppressAuth(options);
  const { dataItem } = await call(method, path, { dataCollectionId: collection, dataItem: { ...(item._id ? { id: item._id } : {}), data: encodeDates(item) } });
  return decodeDates(dataItem.data);
}

/**
 * All collections of the portal are closed to members: Wix refuses a call without `suppressAuth`.
 */
function requireSuppressAuth(options) {
  if (options?.suppressAuth !== true) {
    throw new WixFault(403, 'WDE0027', 'the collection is closed to members');
  }
}

function encodeDates(value) {
  if (value instanceof Date) {
    return { $date: value.toISOString() };
  }
  return mapValues(value, encodeDates);
}

function decodeDates(value) {
  if (value !== null && typeof value === 'object' && typeof value.$date === 'string') {
    return new Date(value.$date);
  }
  return mapValues(value, decodeDates);
}

function mapValues(value, change) {
  if (Array.isArray(value)) {
    return value.map(change);
  }
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, change(member)]));
  }
  return value;
}
