/** Issues, notices, documents, requests and messages. */

export const records = `
.affected {
  display: grid;
  gap: 10px;
  margin-block-start: 8px;
}
.affected li {
  display: grid;
  gap: 8px;
  padding: 12px 14px;
  border: 1px solid var(--line);
  border-radius: calc(var(--radius) - 4px);
}
.affected-name {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 8px;
  font-weight: 600;
}
.affected-name .icon {
  color: var(--muted);
}
.follow-up {
  padding-block-start: 14px;
  border-block-start: 1px solid var(--line);
}
.resolution {
  display: grid;
  gap: 10px;
  justify-items: start;
  padding: 14px;
  border-radius: calc(var(--radius) - 4px);
  border: 1px solid var(--line);
  background: color-mix(in srgb, var(--good) 5%, var(--surface));
}
.resolution > .details,
.resolution > .outcome {
  inline-size: 100%;
  margin: 0;
}
.notice.bad,
.notice.warn {
  border-inline-start: 4px solid var(--fill);
}
/* The wider border takes its room from the padding: texts line up with those of other cards. */
.notice.card:is(.bad, .warn) > :is(summary, .details-body) {
  padding-inline-start: 15px;
}

.group {
  display: grid;
  gap: 10px;
}
.group > h4 {
  padding-inline: 4px;
  color: var(--muted);
  font-size: 0.9375em;
  margin-block-start: 6px;
}
.documents,
.requests,
.messages {
  display: grid;
  gap: 12px;
}
.document,
.request {
  display: grid;
  gap: 10px;
}
.document-head {
  display: flex;
  flex-wrap: wrap;
  align-items: flex-start;
  gap: 10px 14px;
}
.document-symbol {
  display: grid;
  place-items: center;
  inline-size: 40px;
  block-size: 40px;
  flex: none;
  border-radius: 10px;
  color: var(--accent);
  background: color-mix(in srgb, var(--accent) var(--tint), var(--surface));
}
.document-title {
  flex: 1 1 180px;
  display: grid;
  gap: 4px;
  min-inline-size: 0;
}
.note {
  color: var(--muted);
  font-size: 0.9375em;
}
.list-title {
  padding-inline: 4px;
  margin-block-start: 8px;
}
.waiting-row {
  border-style: dashed;
}
.ask {
  display: grid;
  gap: 8px;
}
.ask > h4 {
  margin: 0;
}
.ask-title {
  display: flex;
  align-items: center;
  gap: 10px;
  color: var(--ink);
}
.ask-title .icon {
  color: var(--accent);
}
.ask .details > summary {
  min-block-size: 44px;
}
.message {
  display: grid;
  gap: 8px;
}
.message .card-head {
  margin: 0;
}
.message.important {
  padding-inline-start: 15px;
  border-inline-start: 4px solid var(--warn-fill);
}
`;
