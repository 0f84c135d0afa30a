import { TEXTS } from '/portal/backend/texts.js';

/** The backend of a site, in the page: it answers from a world, counts its calls, and fails when it is told to. */

export function createBackend(world) {
  const calls = [];
  const failing = new Map();
  const held = new Map();
  let number = 0;
  let beat = 0;

  const answers = {
    getSession: () => world.session,
    getPortal: (partner, locale) =>
      partner in world.portals ? { texts: textsFor(world, locale), ...paged(world.portals[partner]), etag: String(beat) } : { error: { code: 'not_yours' } },
    getMore: (partner, name, cursor) => page(name, world.portals[partner].sections[name].rows, cursor),
    getEtag: () => ({ etag: String(beat) }),
    getRequestForms: () => world.forms,
    openDocument: (partner, id) => ({ url: world.address ?? `https://files.example/${id}?token=t`, expiresAt: '2026-03-13T08:11:00Z' }),
    getUploadUrl: () => ({ uploadUrl: 'https://upload.example/place?token=u' }),
    getAttachmentUrl: (partner, form, { fileName }) => ({ uploadUrl: `https://upload.example/attached?token=${fileName.length}` }),
    acceptInvitation: (code) => {
      if (code !== 'RIGHT-CODE') return { error: { code: 'not_found' } };
      world.session = { member: world.session.member, partners: [{ id: 'GC070000000101', name: 'Prairie Gold Foods', role: 'edi' }] };
      return { partner: world.session.partners[0] };
    },
  };
  /** Where `world.pages` says how long a page of a section is, the portal has its first. A cursor is the id of the row before. */
  function paged(portal) {
    const sections = Object.entries(portal.sections).map(([name, section]) => [name, { ...section, ...page(name, section.rows, null) }]);
    return { ...portal, sections: Object.fromEntries(sections) };
  }

  function page(name, all, cursor) {
    const most = world.pages?.[name] ?? all.length;
    const start = cursor === null ? 0 : all.findIndex((row) => row.id === cursor) + 1;
    const rows = all.slice(start, start + most);
    return { rows, ...(start + most < all.length ? { next: rows.at(-1).id } : {}) };
  }

  for (const method of ['addComment', 'answerRequest', 'answerResolution', 'submitStep', 'sendRequest', 'submitDocument']) {
    answers[method] = () => ({ reference: `GX-7K3M-00${(number += 1)}` });
  }

  const functions = Object.fromEntries(
    Object.entries(answers).map(([method, answer]) => [
      method,
      async (...args) => {
        calls.push({ method, args: structuredClone(args) });
        const wait = held.get(method);
        if (wait && !wait.taken) {
          wait.taken = true;
          await wait.promise;
        }
        const told = failing.get(method);
        const error = typeof told === 'string' ? { code: told } : told;
        if (error?.code === 'throw') throw new Error('the network is down');
        if (error) return { error };
        return structuredClone(answer(...args));
      },
    ]),
  );

  return {
    functions,
    calls,
    world,
    failing,
    /** Change what the portal shows, as a change in Trading Grid does. */
    change(edit) {
      edit(world.portals, world);
      beat += 1;
    },
    /** Let the next call of a method wait until `release`; later ones overtake it. */
    hold: (method) => held.set(method, Promise.withResolvers()),
    release(method) {
      held.get(method)?.resolve();
      held.delete(method);
    },
  };
}

/** The texts of the shipped configuration, or of the world's own, the best first, as `portal/backend/languages.js` gives them. */
function textsFor({ texts = TEXTS }, locale) {
  const language = locale.split('-')[0];
  return [...(language !== 'en' && language in texts ? [language] : []), 'en'].map((one) => ({ language: one, ...texts[one] }));
}
