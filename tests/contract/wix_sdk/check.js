// Drives the emulator with Wix's own SDK and prints what it got, as one JSON object.
//
// The SDK always calls https://www.wixapis.com. A client takes a fetch of its own, but AppStrategy asks for its token with the global one: both are led
// to the emulator here, and nowhere else.
//
// node check.js '{"baseUrl", "siteId", "apiKey", "appId", "appSecret", "instanceId"}'

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const site = JSON.parse(process.argv[2]);
const require = createRequire(pathToFileURL(`${process.cwd()}/`));
const { createClient, ApiKeyStrategy, AppStrategy } = require("@wix/sdk");
const { collections, indexes, items, permissions } = require("@wix/data");

const realFetch = globalThis.fetch;
const emulated = (target, init) => {
  const url = new URL(target.url ?? target);
  if (url.host !== "www.wixapis.com") throw new Error(`a call to ${url.host}`);
  return realFetch(site.baseUrl + url.pathname + url.search, init);
};
globalThis.fetch = emulated;

const modules = { collections, indexes, items, permissions };
const client = auth => createClient({ auth, modules, fetch: emulated });
const byKey = client(ApiKeyStrategy({ siteId: site.siteId, apiKey: site.apiKey }));
const byApp = client(AppStrategy({ appId: site.appId, appSecret: site.appSecret, instanceId: site.instanceId }));
const byWrongKey = client(ApiKeyStrategy({ siteId: site.siteId, apiKey: "wrong" }));
const byWrongSecret = client(AppStrategy({ appId: site.appId, appSecret: "wrong", instanceId: site.instanceId }));

const FRESH = { consistentRead: true };
const own = item => item && Object.fromEntries(Object.entries(item).filter(([name]) => name === "_id" || !name.startsWith("_")));
const summary = result => ({ inserted: result.inserted, updated: result.updated, removed: result.removed, skipped: result.skipped });
const failure = async work => {
  try {
    await work();
    return null;
  } catch (error) {
    return error.code ?? error.details?.applicationError?.code ?? error.message;
  }
};

async function collectionCalls(client, id) {
  const created = await client.collections.createDataCollection({
    _id: id,
    displayName: "Partners",
    fields: [
      { key: "title", displayName: "Title", type: "TEXT" },
      { key: "amount", displayName: "Amount", type: "NUMBER" },
    ],
    permissions: { insert: "ADMIN", update: "ADMIN", remove: "ADMIN", read: "ADMIN" },
  });
  const got = await client.collections.getDataCollection(id, FRESH);
  await client.collections.createDataCollectionField(id, { field: { key: "extra", displayName: "Extra", type: "TEXT" } });
  const grown = await client.collections.getDataCollection(id, FRESH);
  const updated = await client.collections.updateDataCollection({ ...grown, displayName: "Renamed" });
  const level = await client.permissions.getPermissions(id);
  await client.indexes.createIndex(id, { name: "byTitle", fields: [{ path: "title", order: "ASC" }], unique: true });
  const listed = await client.collections.listDataCollections(FRESH);
  return {
    created: [created._id, created.revision, created._createdDate instanceof Date],
    got: got.fields.filter(field => !field.systemField).map(field => field.key),
    grown: grown.revision,
    updated: [updated.displayName, updated.revision],
    listed: listed.collections.map(collection => collection._id),
    permission: level.dataPermissions.itemRead,
    indexes: (await client.indexes.listIndexes(id)).indexes.map(index => [index.name, index.unique, index.status]),
    staleRevision: await failure(() => client.collections.updateDataCollection({ ...grown, displayName: "Stale" })),
    twice: await failure(() => client.collections.createDataCollection({ _id: id, fields: [] })),
    missing: await failure(() => client.collections.getDataCollection("NoSuchCollection", FRESH)),
  };
}

async function singleItemCalls(client, id) {
  const when = new Date("2026-01-02T03:04:05.678Z");
  const inserted = await client.items.insert(id, { _id: "a", title: "Alpha", amount: 1, when, tags: ["x"] });
  const got = await client.items.get(id, "a", FRESH);
  const updated = await client.items.update(id, { _id: "a", title: "Alpha 2", amount: 2 });
  const savedAgain = await client.items.save(id, { _id: "a", title: "Alpha 3", amount: 3, tags: ["x", "y"] });
  const savedFresh = await client.items.save(id, { title: "Beta", amount: 10 });
  const patched = await client.items
    .patch(id, "a")
    .setField("title", "Alpha 4")
    .incrementField("amount", 2)
    .appendToArray("tags", "z")
    .removeFromArray("tags", "x")
    .setField("nested.deep", true)
    .removeField("when")
    .run();
  const removed = await client.items.remove(id, savedFresh._id);
  return {
    inserted: [inserted._id, inserted._createdDate instanceof Date, typeof inserted._owner],
    got: [got.title, got.when.getTime() === when.getTime(), got.tags],
    updated: own(updated),
    saved: [savedAgain.title, typeof savedFresh._id],
    patched: own(patched),
    removed: removed.title,
    removedTwice: await client.items.remove(id, savedFresh._id),
    missing: await client.items.get(id, "missing", FRESH),
    insertTwice: await failure(() => client.items.insert(id, { _id: "a", title: "Again" })),
    updateMissing: await failure(() => client.items.update(id, { _id: "missing", title: "None" })),
    uniqueTwice: await failure(() => client.items.insert(id, { title: "Alpha 4" })),
    missingCollection: await failure(() => client.items.get("NoSuchCollection", "a", FRESH)),
  };
}

async function bulkCalls(client, id) {
  const rows = Array.from({ length: 25 }, (_, n) => ({ _id: `b${String(n).padStart(2, "0")}`, title: `Row ${n}`, amount: n, group: n % 2 ? "odd" : "even" }));
  const inserted = await client.items.bulkInsert(id, rows);
  const insertedTwice = await client.items.bulkInsert(id, rows.slice(0, 3));
  const saved = await client.items.bulkSave(id, [...rows, { _id: "b25", title: "Row 25", amount: 25, group: "odd" }]);
  const updated = await client.items.bulkUpdate(id, [{ ...rows[0], title: "Row zero" }, { _id: "missing", title: "None" }]);
  const patched = await client.items.bulkPatch(id, ["b01", "b02", "missing"]).setField("flag", true).run();
  const removed = await client.items.bulkRemove(id, ["b25", "missing"]);
  const conflicting = await client.items.bulkInsert(id, [{ _id: "c1", title: "Row 5" }, { _id: "c2", title: "Only once" }]);
  await client.items.remove(id, "c2");
  return {
    inserted: summary(inserted),
    insertedTwice: summary(insertedTwice),
    saved: summary(saved),
    updated: summary(updated),
    patched: summary(patched),
    removed: summary(removed),
    conflicting: { ...summary(conflicting), errors: conflicting.errors.map(error => [error.code, error.originalIndex ?? error.index]) },
  };
}

async function queryCalls(client, id) {
  const all = () => client.items.query(id).startsWith("_id", "b").descending("amount");
  const ids = result => result.items.map(item => item._id);
  const pages = [];
  let page = await all().limit(10).find({ ...FRESH, returnTotalCount: true });
  const total = page.totalCount;
  while (true) {
    pages.push(ids(page));
    if (!page.hasNext()) break;
    page = await page.next();
  }
  const body = JSON.stringify({
    dataCollectionId: id,
    query: { filter: { group: "even" }, sort: [{ fieldName: "_id", order: "ASC" }], cursorPaging: { limit: 5 } },
    consistentRead: true,
  });
  const headers = { "content-type": "application/json" };
  const first = await (await client.fetchWithAuth("https://www.wixapis.com/wix-data/v2/items/query", { method: "POST", headers, body })).json();
  const byCursor = [first.dataItems.map(item => item.id)];
  for (let cursor = first.pagingMetadata.cursors.next; cursor; ) {
    const following = await client.items.query(id, { cursorPaging: { limit: 5, cursor } }, FRESH);
    byCursor.push(following.items.map(item => item._id));
    cursor = following.pagingMetadata.cursors?.next;
  }
  const long = await client.items.query(id).hasSome("_id", Array.from({ length: 300 }, (_, n) => `b${n}`)).find(FRESH);
  const odd = client.items.query(id).eq("group", "odd");
  return {
    total,
    pages,
    byCursor,
    long: long.items.length,
    between: ids(await client.items.query(id).between("amount", 3, 6).ascending("amount").find(FRESH)),
    either: ids(await client.items.query(id).eq("amount", 1).or(client.items.query(id).eq("amount", 4)).ascending("amount").find(FRESH)),
    neither: ids(await client.items.query(id).le("amount", 3).not(client.items.query(id).eq("group", "odd")).find(FRESH)),
    contains: ids(await client.items.query(id).contains("title", "ROW ZERO").find(FRESH)),
    notEmpty: ids(await client.items.query(id).isNotEmpty("flag").ascending("_id").find(FRESH)),
    fields: own((await client.items.query(id).eq("_id", "b03").fields("title").find(FRESH)).items[0]),
    count: await odd.count(FRESH),
    distinct: (await client.items.query(id).distinct("group", FRESH)).items,
  };
}

async function goodbye(client, id) {
  await client.items.truncate(id);
  const left = await client.items.query(id).count(FRESH);
  await client.collections.deleteDataCollection(id);
  return { left, gone: await failure(() => client.collections.getDataCollection(id, FRESH)) };
}

async function everything(client, id) {
  return {
    collections: await collectionCalls(client, id),
    single: await singleItemCalls(client, id),
    bulk: await bulkCalls(client, id),
    query: await queryCalls(client, id),
    goodbye: await goodbye(client, id),
  };
}

const results = {
  key: await everything(byKey, "ByKey"),
  app: await everything(byApp, "ByApp"),
  wrongKey: await failure(() => byWrongKey.items.get("ByKey", "a", FRESH)),
  wrongSecret: await failure(() => byWrongSecret.items.get("ByKey", "a", FRESH)),
};
console.log(JSON.stringify(results));
process.exit(0);
