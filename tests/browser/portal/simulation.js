/**
 * Simulates a page that keeps its sections current with `changes.js`, against a site whose rows and
 * numbers are known. `simulate(steps)` plays steps, `[name, ...arguments]`, lets what is still
 * running end, reconnects once, and returns `{missed, due, needless, backward}`: the sections whose
 * rows are old, or are still to be read; reads without a new number; and rows that were replaced by
 * older ones.
 */

import { SectionChanges } from '/portal/element/changes.js';

const SECTIONS = ['issues', 'notices', 'messages'];

export function simulate(steps) {
  /** The site: by audience and section, how often its rows changed. */
  let truth;
  /** Messages on their way, and those that a page may still hear. */
  let rung;
  let changes;
  /** The rows that are shown, as the numbers that they include, by section. */
  let shown;
  /** Calls of the backend that are running. */
  let running = [];
  let generation = 0;
  let needless = 0;
  let backward = 0;
  let told = {};

  const copy = (value) => structuredClone(value);
  const start = () => {
    truth = { own: {}, everybody: {} };
    rung = [];
    changes = new SectionChanges();
    shown = {};
    told = {};
    generation += 1;
  };
  const begin = (kind, names) => running.push({ kind, names, ticket: changes.begin(names), generation, changes, answer: null });
  /** The site reads the numbers first, then the rows; then the response is on its way. */
  const serve = (call) => {
    if (call.answer) call.answer.rows ??= copy(truth);
    else call.answer = { numbers: copy(truth), rows: null };
  };
  const read = () => {
    const due = changes.due();
    for (const name of due) {
      const news = ['own', 'everybody'].some((audience) => (told[audience]?.[name] ?? 0) > (shown[name]?.asked?.[audience] ?? 0));
      if (!news) needless += 1;
      shown[name].asked = copy({ own: told.own?.[name] ?? 0, everybody: told.everybody?.[name] ?? 0 });
    }
    if (due.length) begin('sections', due);
  };
  const hear = (numbers) => {
    for (const audience of ['own', 'everybody']) {
      for (const [name, number] of Object.entries(numbers[audience] ?? {})) {
        told[audience] = { ...told[audience], [name]: Math.max(number, told[audience]?.[name] ?? 0) };
      }
    }
  };
  const arrive = (call) => {
    serve(call);
    serve(call);
    running = running.filter((one) => one !== call);
    if (call.generation !== generation) return;
    const { kind, names, ticket, answer } = call;
    if (kind === 'numbers') {
      hear(answer.numbers);
      changes.confirm(ticket, answer.numbers);
      return;
    }
    if (kind === 'portal') hear(answer.numbers);
    for (const name of changes.finish(ticket, kind === 'portal' ? answer.numbers : null)) {
      const asked = { own: answer.numbers.own[name] ?? 0, everybody: answer.numbers.everybody[name] ?? 0 };
      const rows = { own: answer.rows.own[name] ?? 0, everybody: answer.rows.everybody[name] ?? 0 };
      if (rows.own < (shown[name]?.rows.own ?? 0) || rows.everybody < (shown[name]?.rows.everybody ?? 0)) backward += 1;
      shown[name] = { rows, asked: shown[name]?.asked ?? asked };
    }
  };

  const play = {
    open: (place) => begin('portal', SECTIONS.slice(0, 1 + (place % SECTIONS.length))),
    change: (audience, section) => {
      const name = SECTIONS[section % SECTIONS.length];
      truth[audience][name] = (truth[audience][name] ?? 0) + 1;
      rung.push({ [audience]: { [name]: truth[audience][name] } });
    },
    /** A ring arrives: any of those that were ever rung, so also late, twice, or before another. */
    ring: (place) => {
      if (!rung.length) return;
      const numbers = rung[place % rung.length];
      hear(numbers);
      changes.hear(numbers);
    },
    read,
    show: (section) => {
      const name = SECTIONS[section % SECTIONS.length];
      if (!(name in shown) && Object.keys(shown).length) begin('sections', [name]);
    },
    serve: (place) => running.length && serve(running[place % running.length]),
    arrive: (place) => running.length && arrive(running[place % running.length]),
    fail: (place) => {
      if (!running.length) return;
      const [call] = running.splice(place % running.length, 1);
      call.changes.end(call.ticket);
    },
    check: () => begin('numbers', []),
    partner: start,
  };

  start();
  for (const [name, ...args] of steps) play[name](...args);
  while (running.length) arrive(running[0]);
  if (!Object.keys(shown).length) {
    play.open(2);
    arrive(running[0]);
  }
  play.check();
  arrive(running[0]);
  for (let turn = 0; turn < 5 && changes.due().length; turn += 1) {
    read();
    while (running.length) arrive(running[0]);
  }
  const missed = Object.entries(shown).filter(([name, { rows }]) => ['own', 'everybody'].some((audience) => rows[audience] !== (truth[audience][name] ?? 0)));
  return { missed: missed.map(([name]) => name), due: changes.due(), needless, backward };
}
