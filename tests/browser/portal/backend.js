import { TEXTS } from '/portal/backend/texts.js';

/** The backend of a site, in the page: it answers from a world, counts its calls, and fails when it is told to. */

export function createBackend(world) {
  const calls = [];
  // A test may let a method fail before the page is open.
  const failing = new Map(window.failFirst ? [[window.failFirst, 'unavailable']] : []);
  const held = new Map();
  let number = 0;
  /** How often the rows of each section changed, by partner; `everybody` has its own. */
  const numbers = { everybody: {}, ...Object.fromEntries(Object.keys(world.portals).map((id) => [id, {}])) };

  const answers = {
    getSession: () => world.session,
    getPortal: (partner, locale, names) => {
      if (!(partner in world.portals)) return { error: { code: 'not_yours' } };
      const { sections, hidden = [], forms, ...portal } = world.portals[partner];
      const shown = Object.fromEntries(Object.entries(sections).map(([name, section]) => [name, hidden.includes(name) ? { ...section, rows: [] } : section]));
      return { texts: textsFor(world, locale), stale: false, ...portal, numbers: numbersOf(partner), hidden, sections: named(shown, names) };
    },
    getSections: (partner, names) => ({ sections: named(world.portals[partner].sections, names) }),
    getChanges: (partner) => ({ numbers: numbersOf(partner), hidden: world.portals[partner].hidden ?? [], ...(world.portals[partner].may ? { may: world.portals[partner].may } : {}), asOf: world.portals[partner].asOf, stale: world.portals[partner].stale ?? false }),
    getMore: (partner, name, cursor) => page(name, world.portals[partner].sections[name].rows, cursor),
    getRequestForms: (locale, partner) => world.forms.filter(({ key }) => world.portals[partner]?.forms?.includes(key) ?? true),
    getSettings: () => ({ settings: world.settings, choices: world.choices }),
    saveSettings: ({ messages = {}, ...changes }, locale) => {
      Object.assign(world.settings, changes);
      world.session.member.language = world.settings.language;
      for (const [group, channels] of Object.entries(messages)) Object.assign(world.settings.messages[group], channels);
      return { settings: world.settings, ...(locale === undefined ? {} : { choices: world.choices }) };
    },
    getPeople: () => world.people,
    invitePerson: (partner, { email, name = '', role }) => {
      const dates = { invitedAt: '2026-03-13T08:00:00Z', validUntil: '2026-03-27T08:00:00Z', expired: false };
      world.people.invitations.push({ id: `i-${email}`, email, name, role, byHub: false, by: 'Dana Whitfield', ...dates });
      return {};
    },
    changeRole: (partner, id, role) => {
      Object.assign(
        world.people.people.find((one) => one.id === id),
        { role },
      );
      return {};
    },
    removePerson: (partner, id) => {
      world.people.people = world.people.people.filter((one) => one.id !== id);
      return {};
    },
    sendAgain: (partner, id) => {
      const row = world.people.invitations.find((one) => one.id === id);
      Object.assign(row, { id: `${id}-2`, expired: false });
      return {};
    },
    withdrawInvitation: (partner, id) => {
      world.people.invitations = world.people.invitations.filter((one) => one.id !== id);
      return {};
    },
    getReadMarks: (partner) => ({ marks: world.marks[partner] ?? {} }),
    markRead: (partner, marks) => {
      world.marks[partner] ??= {};
      for (const [name, { upTo, ids }] of Object.entries(marks)) {
        const before = world.marks[partner][name] ?? { upTo: null, ids: {} };
        world.marks[partner][name] = { upTo: upTo ?? before.upTo, ids: { ...before.ids, ...ids } };
      }
      return { marks: world.marks[partner] };
    },
    openDocument: (partner, id) => ({ url: world.address ?? `https://files.example/${id}?token=t`, expiresAt: '2026-03-13T08:11:00Z' }),
    getUploadUrl: () => ({ uploadUrl: 'https://upload.example/place?token=u' }),
    getAttachmentUrl: (partner, form, { fileName }) => ({ uploadUrl: `https://upload.example/attached?token=${fileName.length}` }),
    acceptInvitation: (code) => {
      if (code === 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567') {
        // For the partner that the member does not have yet.
        const [id, name] = world.session.partners.length ? ['GC055120098871', 'Baltic Home Textiles OÜ'] : ['GC070000000101', 'Prairie Gold Foods'];
        world.session.partners.push({ id, name, role: 'edi' });
        return { partner: { id, name, role: 'edi' } };
      }
      if (code !== 'RIGHT-CODE') return { error: { code: 'not_found' } };
      world.session = { member: world.session.member, partners: [{ id: 'GC070000000101', name: 'Prairie Gold Foods', role: 'edi' }] };
      return { partner: world.session.partners[0] };
    },
  };
  /** Where `world.pages` says how long a page of a section is, the portal has its first. A cursor is the id of the row before. */
  function named(sections, names) {
    return Object.fromEntries(names.map((name) => [name, { ...sections[name], ...page(name, sections[name].rows, null) }]));
  }

  function numbersOf(partner) {
    return { own: { ...numbers[partner] }, everybody: { ...numbers.everybody } };
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
    numbers,
    numbersOf,
    /** Change what the portal shows, as a change in Trading Grid does, and count the sections that changed. */
    change(edit) {
      const before = structuredClone(world.portals);
      edit(world.portals, world);
      for (const [id, { sections }] of Object.entries(world.portals)) {
        for (const [name, section] of Object.entries(sections)) {
          if (JSON.stringify(section) !== JSON.stringify(before[id].sections[name])) numbers[id][name] = (numbers[id][name] ?? 0) + 1;
        }
      }
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
