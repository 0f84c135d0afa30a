/** The collections are closed to everybody: this backend reads them with the site's own right, and only after it has found out whose call it is. */
export const ELEVATED = { suppressAuth: true, suppressHooks: true };

/** For what must not be behind: reads come from the primary database. */
export const CONSISTENT = { ...ELEVATED, consistentRead: true };

const MAX_PER_QUERY = 1000;
const MAX_ITEMS = 10_000;

/** All items that a query finds, ten thousand at most: `{items, more}`. */
export async function findAll(query, options = ELEVATED) {
  let page = await query.limit(MAX_PER_QUERY).find(options);
  const items = [...page.items];
  while (page.hasNext() && items.length < MAX_ITEMS) {
    page = await page.next();
    items.push(...page.items);
  }
  return { items, more: page.hasNext() };
}

/** Whether an insert failed because there is an item of that `_id` already. */
export function isDuplicateId(error) {
  return error?.code === 'WDE0074' || error?.details?.applicationError?.code === 'WDE0074';
}
