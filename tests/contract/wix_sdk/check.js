// Drives the emulator with Wix's own SDK and prints what it got, as one JSON object.
//
// The SDK always calls https://www.wixapis.com. A client takes a fetch of its own, but AppStrategy asks for its token with the global one: both are led
// to the emulator here, and nowhere else. The modules of @wix/forms, @wix/media, @wix/members and @wix/crm are installed one by one: the packages around them
// hold dozens of others.
//
// node check.js '{"baseUrl", "siteId", "apiKey", "appId", "appSecret", "instanceId", "publicKey"}'

import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const site = JSON.parse(process.argv[2]);
const require = createRequire(pathToFileURL(`${process.cwd()}/`));
const { createClient, ApiKeyStrategy, AppStrategy } = require("@wix/sdk");
const { collections, indexes, items, permissions } = require("@wix/data");
const submissions = require("@wix/auto_sdk_forms_submissions");
const forms = require("@wix/auto_sdk_forms_forms");
const files = require("@wix/auto_sdk_media_files");
const folders = require("@wix/auto_sdk_media_folders");
const members = require("@wix/auto_sdk_members_members");
const contacts = require("@wix/auto_sdk_crm_contacts");
const labels = require("@wix/auto_sdk_crm_labels");
const extendedFields = require("@wix/auto_sdk_crm_extended-fields");

const realFetch = globalThis.fetch;
const emulated = (target, init) => {
  const url = new URL(target.url ?? target);
  if (url.host !== "www.wixapis.com") throw new Error(`a call to ${url.host}`);
  return realFetch(site.baseUrl + url.pathname + url.search, init);
};
globalThis.fetch = emulated;

const modules = { collections, indexes, items, permissions, submissions, forms, files, folders, members, contacts, labels, extendedFields };
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

const NAMESPACE = "wix.form_app.form";
const INPUT = (target, inputType, required) => ({ fieldType: "INPUT", inputOptions: { target, inputType, required } });

async function formCalls(client, id) {
  const created = await client.forms.createForm({
    name: id,
    namespace: NAMESPACE,
    formFields: [INPUT("email_0003", "STRING", true), INPUT("amount", "NUMBER", false)],
  });
  const got = await client.forms.getForm(created._id);
  const listed = await client.forms.listForms(NAMESPACE);
  const queried = await client.forms.queryForms().eq("namespace", NAMESPACE).find();
  const submitted = [];
  for (const email of ["1@example.com", "2@example.com", "3@example.com"]) {
    submitted.push(await client.submissions.createSubmission({ formId: created._id, submissions: { email_0003: email } }));
  }
  const [first, second] = submitted;
  const all = () => client.submissions.querySubmissionsByNamespace().eq("namespace", NAMESPACE).eq("formId", created._id).descending("_createdDate");
  const pages = [];
  for (let page = await all().limit(2).find(); ; page = await page.next()) {
    pages.push(page.items.map(submission => submission.submissions.email_0003));
    if (!page.hasNext()) break;
  }
  const since = await all().ge("_createdDate", first._createdDate).find();
  const updated = await client.submissions.updateSubmission(first._id, { ...first, submissions: { email_0003: "new@example.com" } });
  const confirmed = await client.submissions.confirmSubmission(second._id);
  await client.submissions.deleteSubmission(second._id);
  const read = await client.submissions.getSubmission(first._id);
  return {
    created: [created.name === id, created.revision, created._createdDate instanceof Date],
    fields: got.formFields.map(field => field.inputOptions.target),
    known: [listed.forms, queried.items].map(found => found.some(form => form._id === created._id)),
    submitted: [first.status, first.revision, first._createdDate instanceof Date, Object.keys(first.submitter)],
    pages: pages.map(page => page.length),
    everyOne: pages.flat().sort(),
    since: since.items.length,
    updated: [updated.revision, updated.submissions],
    confirmed: confirmed.status ?? confirmed.submission?.status,
    read: read.submission?.submissions ?? read.submissions,
    stale: await failure(() => client.submissions.updateSubmission(first._id, { ...first, submissions: { email_0003: "x@example.com" } })),
    deleted: await failure(() => client.submissions.getSubmission(second._id)),
    noForm: await failure(() => client.submissions.createSubmission({ formId: second._id, submissions: {} })),
    invalid: await violations(() => client.submissions.createSubmission({ formId: created._id, submissions: { amount: "many" } })),
  };
}

async function violations(work) {
  try {
    await work();
    return null;
  } catch (error) {
    const [violation] = error.details.validationError.fieldViolations;
    return [violation.ruleName, violation.data.errors.map(entry => [entry.errorType, entry.errorPath])];
  }
}

async function memberCalls(client, id) {
  const email = `${id}@example.com`.toLowerCase();
  const created = await client.members.createMember({ member: { loginEmail: email, contact: { firstName: id } } });
  const got = await client.members.getMember(created._id, { fieldsets: ["FULL"] });
  const bare = await client.members.getMember(created._id);
  const listed = await client.members.listMembers({ fieldsets: ["FULL"], paging: { limit: 50 } });
  const queried = await client.members.queryMembers({ fieldsets: ["FULL"] }).eq("loginEmail", email).find();
  const updated = await client.members.updateMember(created._id, { contact: { company: "ACME" } });
  const blocked = await client.members.blockMember(created._id);
  const approved = await client.members.approveMember(created._id);
  await client.members.deleteMember(created._id);
  return {
    created: [created.loginEmail === email, created.status, created._createdDate instanceof Date],
    got: [got.loginEmail === email, got.contact.firstName === id, bare.loginEmail ?? null, bare.status],
    found: [listed.members, queried.items].map(page => page.some(member => member._id === created._id)),
    updated: updated.contact.company,
    statuses: [blocked.member.status, approved.member.status],
    deleted: await failure(() => client.members.getMember(created._id)),
  };
}

async function contactCalls(client, id) {
  const email = `contact.${id}@example.com`.toLowerCase();
  const info = { name: { first: id, last: "Partner" }, emails: { items: [{ email, tag: "WORK" }] } };
  const created = (await client.contacts.createContact(info)).contact;
  const twice = await failure(() => client.contacts.createContact(info));
  const label = await client.labels.findOrCreateLabel(`Label ${id}`);
  const labelAgain = await client.labels.findOrCreateLabel(`Label ${id}`);
  const field = await client.extendedFields.findOrCreateExtendedField(`Field ${id}`, "TEXT");
  const labelled = (await client.contacts.labelContact(created._id, [label.label.key])).contact;
  const values = { extendedFields: { items: { [field.field.key]: "X-1" } } };
  const updated = (await client.contacts.updateContact(created._id, values, labelled.revision)).contact;
  const stale = await failure(() => client.contacts.updateContact(created._id, { company: "Stale" }, created.revision));
  await new Promise(resolve => setTimeout(resolve, 350));
  const byEmail = await client.contacts.queryContacts().eq("info.emails.email", email).find();
  const byLabel = await client.contacts.queryContacts().hasSome("info.labelKeys.items", [label.label.key]).find();
  const unlabelled = (await client.contacts.unlabelContact(created._id, [label.label.key])).contact;
  const got = await client.contacts.getContact(created._id);
  await client.contacts.deleteContact(created._id);
  return {
    created: [created.revision, created.primaryInfo.email === email, created._createdDate instanceof Date],
    label: [label.newLabel, labelAgain.newLabel, labelAgain.label.key === label.label.key],
    field: [field.newField, field.field.dataType],
    updated: [updated.revision, updated.info.extendedFields.items[field.field.key], updated.info.labelKeys.items.length],
    found: [byEmail, byLabel].map(page => page.items.map(contact => contact._id === created._id)),
    unlabelled: [unlabelled.revision, unlabelled.info.labelKeys.items.length],
    got: got.revision,
    codes: [twice, stale, await failure(() => client.contacts.getContact(created._id))],
  };
}

/** Waits as long as the machine needs: whoever started this ends it when it stands still. */
async function until(happened) {
  for (;;) {
    const found = await happened();
    if (found) return found;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

function became(client, id, status) {
  return until(async () => {
    const file = await client.files.getFileDescriptor(id);
    return file.operationStatus === status && file;
  });
}

async function rule(work) {
  try {
    await work();
    return null;
  } catch (error) {
    return error.details.validationError.fieldViolations[0].ruleName;
  }
}

async function put(url, body, headers) {
  return (await (await realFetch(url, { method: "PUT", body, headers })).json()).file;
}

async function tus(announced, bytes) {
  const version = { "tus-resumable": "1.0.0" };
  const metadata = Object.entries({ filename: "big.csv", contentType: "text/csv", token: announced.uploadToken });
  const created = await realFetch(announced.uploadUrl, {
    method: "POST",
    headers: { ...version, "upload-length": `${bytes.length}`, "upload-metadata": metadata.map(([key, value]) => `${key} ${btoa(value)}`).join(",") },
  });
  const place = new URL(created.headers.get("location"), announced.uploadUrl);
  for (const [offset, end] of [[0, 4], [4, bytes.length]]) {
    const headers = { ...version, "upload-offset": `${offset}`, "content-type": "application/offset+octet-stream" };
    await realFetch(place, { method: "PATCH", headers, body: bytes.slice(offset, end) });
  }
  return put(`${announced.uploadUrl}/${announced.uploadToken}?filename=big.csv`);
}

async function mediaCalls(client, id) {
  const text = `the guide of ${id}`;
  const { folder } = await client.folders.createFolder(id, { parentFolderId: "media-root" });
  const renamed = await client.folders.updateFolder(folder._id, { displayName: `${id} 2` });
  const { uploadUrl } = await client.files.generateFileUploadUrl("application/pdf", { parentFolderId: folder._id, private: true, labels: ["guide"] });
  const uploaded = await put(`${uploadUrl}?filename=Guide.pdf`, text, { "content-type": "application/pdf" });
  const ready = await became(client, uploaded.id, "READY");
  const link = await client.files.generateFileDownloadUrl(ready._id, { expirationInMinutes: 5, contentDisposition: "INLINE" });
  const resumable = await client.files.generateFileResumableUploadUrl("text/csv", { uploadProtocol: "TUS", filePath: "/big", parentFolderId: folder._id });
  const big = await became(client, (await tus(resumable, "sku,quantity")).id, "READY");
  const imageUpload = await client.files.generateFileUploadUrl("image/png", { fileName: "a.png", parentFolderId: folder._id });
  const image = await put(imageUpload.uploadUrl, "PNG", { "content-type": "image/png" });
  await became(client, image.id, "READY");
  const { file: pending } = await client.files.importFile(image.url, { displayName: "copy.png", mimeType: "image/png", parentFolderId: folder._id });
  const bulk = await client.files.bulkImportFile([{ url: "ftp://nowhere/a.png" }, { url: image.url, displayName: "bulk.png", parentFolderId: folder._id }]);
  const copies = [await became(client, pending._id, "READY"), await became(client, bulk.results[1].item._id, "READY")];
  const updated = await client.files.updateFileDescriptor({ _id: ready._id, displayName: "Renamed.pdf" });
  const names = page => page.files.map(file => file.displayName);
  const listed = await client.files.listFiles({ parentFolderId: folder._id, sort: { fieldName: "displayName", order: "ASC" }, paging: { limit: 3 } });
  const rest = await client.files.listFiles({ parentFolderId: folder._id, paging: { limit: 3, cursor: listed.nextCursor.cursors.next } });
  const documents = await client.files.listFiles({ parentFolderId: folder._id, mediaTypes: ["DOCUMENT", "VIDEO"], private: true });
  const searched = await client.files.searchFiles({ search: "renamed" });
  const queried = await client.files.queryFileDescriptors().eq("private", true).descending("_updatedDate").limit(1).find();
  const below = await client.folders.listFolders({ parentFolderId: folder._id });
  const archive = await client.files.generateFilesDownloadUrl([big._id, image.id]);
  const zipped = await realFetch(archive.downloadUrl);
  await client.files.bulkDeleteFiles([big._id]);
  const deleted = await client.files.listDeletedFiles({ parentFolderId: big.parentFolderId });
  await client.files.bulkRestoreFilesFromTrashBin([big._id]);
  const restored = await client.files.getFileDescriptors([big._id, ready._id]);
  const secret = await realFetch(ready.url);
  const opened = await realFetch(link.downloadUrls[0].url);
  await client.folders.bulkDeleteFolders([folder._id]);
  const trashed = await client.folders.listDeletedFolders();
  await client.folders.bulkDeleteFolders([folder._id], { permanent: true });
  return {
    folder: [folder.displayName === id, folder.parentFolderId, folder._createdDate instanceof Date, renamed.displayName === `${id} 2`],
    uploaded: [uploaded.operationStatus, ready.displayName, ready.private, ready.sizeInBytes, ready.labels, ready._createdDate instanceof Date],
    document: ready.media.document === `wix:document://v1/${ready._id}/Guide.pdf`,
    opened: [secret.status, opened.status, (await opened.text()) === text, opened.headers.get("content-disposition")],
    resumable: [resumable.uploadProtocol, big.sizeInBytes, below.folders.map(one => one.displayName), big.parentFolderId === below.folders[0]._id],
    imported: [pending.operationStatus, copies.map(copy => [copy.mediaType, copy.sizeInBytes, copy.sourceUrl === image.url])],
    bulk: [bulk.bulkActionMetadata.totalSuccesses, bulk.results[0].itemMetadata.success, bulk.results[0].itemMetadata.error.code],
    updated: updated.displayName,
    listed: [names(listed), names(rest), names(documents), names(searched)],
    queried: queried.items.map(file => file._id === ready._id),
    zipped: [zipped.status, zipped.headers.get("content-type")],
    trash: [names(deleted), restored.files.map(file => file.state), trashed.folders.map(one => one._id === folder._id)],
    rules: [
      await rule(() => client.files.generateFileUploadUrl("application/pdf", { fileName: "a.png" })),
      await rule(() => client.files.generateFileUploadUrl("application/pdf", { sizeInBytes: "0" })),
      await rule(() => client.files.getFileDescriptor(ready._id)),
      await failure(() => client.folders.getFolder(folder._id)),
    ],
  };
}

async function control(path, body) {
  const headers = { "content-type": "application/json" };
  return (await realFetch(`${site.baseUrl}/__emulator/${path}`, { method: "POST", headers, body: JSON.stringify(body) })).json();
}

async function webhookCalls() {
  const delivered = [];
  const server = createServer(async (request, response) => {
    delivered.push((await request.toArray()).join(""));
    response.end();
  });
  await new Promise(resolve => server.listen(0, "127.0.0.1", resolve));
  await control("webhooks", { url: `http://127.0.0.1:${server.address().port}/wix`, types: ["wix.forms.v4.submission_created", "wix.members.v1.member_updated", "wix.unheard.*", "wix.media.*"] });
  const { form } = await control("forms", { name: "Apply", fields: [{ target: "email", required: true }] });
  const { member } = await control("members", { loginEmail: "webhook@example.com" });
  const { submission } = await control("submissions", { formId: form.id, submissions: { email: "a@b.c" }, memberId: member.id });
  await byKey.members.blockMember(member.id);
  await control("events", { eventType: "wix.unheard.v1.of_created", data: {} });
  const external = { externalInfo: { origin: "check", externalIds: ["1"] } };
  const { uploadUrl } = await byKey.files.generateFileUploadUrl("text/csv", { fileName: "good.csv", ...external });
  const file = await put(uploadUrl, "sku", { "content-type": "text/csv" });
  await byKey.files.importFile(`${site.baseUrl}/nowhere.csv`, external);
  await until(() => delivered.length >= 5);
  server.close();

  const keys = { raw: site.publicKey, base64: Buffer.from(site.publicKey).toString("base64") };
  const receiver = publicKey => createClient({ auth: AppStrategy({ appId: site.appId, publicKey }), modules });
  const seen = [];
  const handled = receiver(keys.raw);
  handled.submissions.onSubmissionCreated(event => seen.push(["submission", event.entity._id === submission.id, event.entity._createdDate instanceof Date, event.metadata.identity]));
  handled.members.onMemberUpdated(event => seen.push(["member", event.entity._id === member.id, event.entity.status, event.metadata.instanceId === site.instanceId]));
  handled.files.onFileDescriptorFileReady(event => seen.push(["file ready", event.data.file._id === file.id, event.data.file._createdDate instanceof Date, event.data.externalInfo]));
  handled.files.onFileDescriptorFileFailed(event => seen.push(["file failed", event.data.error.code, event.data.externalInfo.externalIds]));
  const refused = [];
  for (const token of delivered) refused.push(await failure(() => handled.webhooks.process(token)));
  const plain = await Promise.all(delivered.map(token => receiver(keys.base64).webhooks.process(token)));
  const [head, body, signature] = delivered[0].split(".");
  return {
    seen: seen.sort(),
    member: member.id,
    refused: refused.filter(reason => reason !== null).map(reason => reason.split(".")[0]),
    types: plain.map(event => event.eventType).sort(),
    forged: (await failure(() => handled.webhooks.process([head, body, signature.split("").reverse().join("")].join(".")))) !== null,
  };
}

async function everything(client, id) {
  return {
    collections: await collectionCalls(client, id),
    single: await singleItemCalls(client, id),
    bulk: await bulkCalls(client, id),
    query: await queryCalls(client, id),
    goodbye: await goodbye(client, id),
    forms: await formCalls(client, id),
    members: await memberCalls(client, id),
    contacts: await contactCalls(client, id),
    media: await mediaCalls(client, id),
  };
}

const results = {
  key: await everything(byKey, "ByKey"),
  app: await everything(byApp, "ByApp"),
  webhooks: await webhookCalls(),
  wrongKey: await failure(() => byWrongKey.items.get("ByKey", "a", FRESH)),
  wrongSecret: await failure(() => byWrongSecret.items.get("ByKey", "a", FRESH)),
};
console.log(JSON.stringify(results));
process.exit(0);
