import wixData from 'wix-data';

/**
 * The collections are closed to all members. This backend reads them with the site's own
 * permission, after it has identified the caller.
 */
export const ELEVATED = { suppressAuth: true, suppressHooks: true };

/** For reads that must be consistent: they use the primary database. */
export const CONSISTENT = { ...ELEVATED, consistentRead: true };

const MAX_PER_QUERY = 1000;
const MAX_ITEMS = 10_000;

/** Read all items of a query, at most ten thousand: `{items, more}`. */
export async function findAll(query, options = ELEVATED) {
  let page = await query.limit(MAX_PER_QUERY).find(options);
  const items = [...page.items];
  while (page.hasNext() && items.length < MAX_ITEMS) {
    page = await page.next();
    items.push(...page.items);
  }
  return { items, more: page.hasNext() };
}

/** True if an insert failed because an item with that `_id` exists. */
export function isDuplicateId(error) {
  return error?.code === 'WDE0074' || error?.details?.applicationError?.code === 'WDE0074';
}

/** Insert an item with a fixed `_id`. Returns the existing item, if there is one. */
export async function insertOnce(collection, item) {
  try {
    await wixData.insert(collection, item, ELEVATED);
    return null;
  } catch (error) {
    if (!isDuplicateId(error)) {
      throw error;
    }
    return wixData.get(collection, item._id, CONSISTENT);
  }
}

/** Set fields of an item and leave its others. Fails if the item is gone. */
export function setFields(collection, itemId, fields) {
  const patch = wixData.patch(collection, itemId);
  return Object.entries(fields)
    .reduce((changes, [name, value]) => changes.setField(name, value), patch)
    .run(ELEVATED);
}
