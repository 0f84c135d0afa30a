/** The sample world: Northwind Retail Group and two of its suppliers, on 13 March 2026. Fresh at every call. */

import { activityRow } from './activity.js';
import { forms, insuranceForm } from './forms.js';
import { choices, people, readMarks, settings } from './member.js';

const NOW = '2026-03-13T08:01:00Z';

export function world(kind) {
  const session = {
    member: { name: 'Dana Whitfield' },
    partners: [
      { id: 'GC055120098871', name: 'Baltic Home Textiles OÜ', role: 'edi' },
      { id: 'GC070000000101', name: 'Prairie Gold Foods', role: 'admin' },
    ],
  };
  const portals = {
    GC070000000101: portal(session.partners[1], prairie()),
    GC055120098871: portal(session.partners[0], baltic()),
  };
  const marks = kind === 'new-member' ? {} : readMarks(Object.keys(portals));
  if (kind === 'many-partners') session.more = true;
  if (kind === 'single') session.partners = [session.partners[1]];
  if (kind === 'empty') {
    session.partners = [session.partners[1]];
    portals.GC070000000101 = portal(session.partners[0], {});
  }
  if (kind === 'first-level') portals.GC070000000101 = firstLevel(session.partners[1]);
  if (kind === 'restricted') portals.GC070000000101 = restricted(portals.GC070000000101);
  if (kind === 'administrator') portals.GC070000000101 = administrator(portals.GC070000000101);
  if (kind === 'unlinked') session.partners = [];
  const own = settings();
  if (kind === 'german') session.member.language = own.language = 'de';
  return { session, portals, marks, forms: forms(), settings: own, choices: choices(), people: people() };
}

/** A hub with OpenText's published APIs alone: partners, what they exchange, issues from it, and requests. */
function firstLevel(partner) {
  const { issues, requests, activity } = prairie();
  const status = {
    id: partner.id,
    partnerName: partner.name,
    status: 'active',
    headline: 'Your answer is needed: ASN rejected: carton count mismatch',
    nextStep: 'Correct MAN*GM in 3 cartons and resend the 856.',
    nextSteps: [{ kind: 'case', text: 'Correct MAN*GM in 3 cartons and resend the 856 before the 16 March dock appointment.', dueOn: '2026-03-14', reference: 'cases/case_01JA3B' }],
    documentRequests: [],
    currentSteps: [],
    failedChecks: 0,
    openCases: 2,
    cases: [],
    updatedAt: NOW,
  };
  return { ...portal(partner, { status: [status], issues, requests, activity }), hidden: ['onboarding', 'compliance', 'notices', 'documents'] };
}

function portal(partner, rows) {
  const names = ['status', 'onboarding', 'issues', 'notices', 'activity', 'documents', 'requests', 'messages'];
  return {
    partner,
    asOf: NOW,
    sections: Object.fromEntries(names.map((name) => [name, { rows: rows[name] ?? [], asOf: rows[name] ? NOW : null, stale: false }])),
  };
}

function prairie() {
  return {
    status: [
      {
        id: 'GC070000000101',
        partnerName: 'Prairie Gold Foods',
        status: 'onboarding',
        headline: 'One issue is waiting for you, and your pilot invoice is next.',
        onboardingPercent: 57,
        targetGoLive: '2026-04-20',
        currentSteps: ['Certificate of insurance', 'GS1-128 label certification'],
        nextStep: 'Correct MAN*GM in 3 cartons and resend the 856.',
        nextSteps: [
          {
            kind: 'case',
            text: 'Correct MAN*GM in 3 cartons and resend the 856 before the 16 March dock appointment.',
            dueOn: '2026-03-14',
            reference: 'cases/case_01JA3B',
          },
          { kind: 'step', text: 'Certificate of insurance, USD 2M general liability', dueOn: '2026-03-20', reference: 'enrollments/enr_01J9QK' },
          { kind: 'compliance_check', text: 'Send pilot 810 invoice', dueOn: '2026-04-12', reference: 'compliance-checks/chk_pilot_810' },
        ],
        documentRequests: [
          { documentTypes: ['coi'], title: 'Certificate of insurance, USD 2M general liability', dueOn: '2026-03-20', reference: 'enrollments/enr_01J9QK' },
        ],
        failedChecks: 1,
        openCases: 2,
        cases: [],
        updatedAt: NOW,
      },
    ],
    onboarding: [
      {
        id: 'enr_01J9QK',
        programId: 'prg_supplier_na',
        programVersion: 6,
        status: 'in_progress',
        statusLabel: 'In progress',
        active: true,
        percentComplete: 57,
        targetGoLive: '2026-04-20',
        updatedAt: NOW,
        steps: [
          step('company_profile', 'Company profile and EDI contacts', 'completed', 'Done', {
            owner: 'partner',
            ownerLabel: 'You',
            kind: 'form',
            phaseLabel: 'Setup',
            programName: 'North America Supplier Onboarding',
          }),
          step('tax_form', 'Tax form: W-9 (US) or W-8BEN-E (non-US entity)', 'completed', 'Done', {
            owner: 'partner',
            ownerLabel: 'You',
            kind: 'document',
            phaseLabel: 'Compliance',
            requiredDocumentTypes: ['w9', 'w8ben_e'],
          }),
          step('insurance', 'Certificate of insurance, USD 2M general liability', 'changes_requested', 'Please correct', {
            owner: 'partner',
            ownerLabel: 'You',
            kind: 'document',
            phaseLabel: 'Compliance',
            dueOn: '2026-03-20',
            requiredDocumentTypes: ['coi'],
            note: 'The certificate names the wrong holder. It must name Northwind Retail Group.',
            form: insuranceForm(),
            instructions:
              '<p>Ask your broker for an <strong>ACORD 25</strong> certificate that names <em>Northwind Retail Group</em> as holder.</p><ul><li>General liability of at least USD 2,000,000</li><li>Valid for six months or longer</li></ul><p><a href="https://www.northwind.example/insurance" rel="noopener">See a sample</a></p>',
          }),
          step('edi_setup', 'Mailbox, ISA/UNB address and 997/CONTRL exchange', 'completed', 'Done', {
            owner: 'joint',
            ownerLabel: 'Both',
            kind: 'check',
            phaseLabel: 'Connection',
          }),
          step('edi_testing', 'Test 850 > 855 > 856 > 810 round trip', 'in_progress', 'In progress', {
            owner: 'hub',
            ownerLabel: 'We',
            kind: 'test',
            phaseLabel: 'Testing',
            dueOn: '2026-04-12',
          }),
          step('label_cert', 'GS1-128 label certification (SSCC-18)', 'available', 'Ready for you', {
            owner: 'partner',
            ownerLabel: 'You',
            kind: 'document',
            phaseLabel: 'Testing',
            dueOn: '2026-04-10',
            requiredDocumentTypes: ['label_sample'],
          }),
          step('go_live', 'Go-live approval', 'locked', 'Later', {
            owner: 'hub',
            ownerLabel: 'We',
            kind: 'approval',
            phaseLabel: 'Go-live',
            waitsOn: ['edi_testing', 'label_cert', 'insurance'],
          }),
        ],
      },
    ],
    issues: [
      {
        id: 'case_01JA3B',
        number: 'TG-2026-004711',
        subject: '856 rejected for PO 4500187734: SSCC on ASN does not match carton label',
        open: true,
        status: 'awaiting_partner',
        statusLabel: 'Waiting for you',
        categoryLabel: 'Ship notice (ASN)',
        priority: 'high',
        priorityLabel: 'High',
        nextStep: 'Correct MAN*GM in 3 cartons and resend the 856 before the 16 March dock appointment.',
        dueAt: '2026-03-14T17:00:00Z',
        affected: [
          { name: '856 (X12)', poNumber: '4500187734', shipmentId: 'SHP-0093321', invoiceNumber: null, problem: 'Rejected', errorCode: 'SSCC_MISMATCH' },
        ],
        comments: [
          {
            author: 'hub',
            text: 'HL pack 2 names an SSCC that is not on the manifest. Please compare it with the carton label.',
            createdAt: '2026-03-12T14:20:00Z',
          },
          {
            author: 'partner',
            text: 'Thanks. Our packing station reprinted labels on Tuesday, we are checking the three cartons.',
            createdAt: '2026-03-12T16:05:00Z',
          },
        ],
        history: [
          { status: 'new', statusLabel: 'New', changedAt: '2026-03-12T14:05:00Z' },
          { status: 'awaiting_partner', statusLabel: 'Waiting for you', changedAt: '2026-03-12T14:30:00Z' },
        ],
        openedAt: '2026-03-12T14:05:00Z',
        updatedAt: NOW,
      },
      {
        id: 'case_01JA4C',
        number: 'TG-2026-004698',
        subject: 'Label print quality below grade C on two pallets',
        open: true,
        status: 'resolved',
        statusLabel: 'Resolved',
        categoryLabel: 'Labels',
        priority: 'normal',
        priorityLabel: 'Normal',
        affected: [],
        comments: [{ author: 'hub', text: 'The new samples scan with grade B. From our side this is done.', createdAt: '2026-03-11T09:30:00Z' }],
        openedAt: '2026-03-05T08:00:00Z',
        updatedAt: NOW,
      },
      {
        id: 'case_01J8ZZ',
        number: 'TG-2026-004402',
        subject: 'Invoice 88107 without order number',
        open: false,
        status: 'closed',
        statusLabel: 'Closed',
        categoryLabel: 'Invoice',
        priority: 'normal',
        priorityLabel: 'Normal',
        affected: [{ name: '810 (X12)', poNumber: null, shipmentId: null, invoiceNumber: 'INV-88107', problem: null, errorCode: null }],
        comments: [],
        openedAt: '2026-02-10T08:00:00Z',
        updatedAt: '2026-02-12T10:00:00Z',
      },
    ],
    notices: notices(),
    activity: [activityRow()],
    documents: [
      document('doc_rg_2026', '2026 Routing Guide, North America', 'routing_guide', 'Routing guide', {
        version: 4,
        fileId: 'f1',
        fileName: 'NRG-Routing-Guide-2026-v4.pdf',
        sizeBytes: 1884213,
        changeNote: 'LTL cutoff now 14:00; Harbor & Pine added for zone 7.',
        effectiveFrom: '2026-04-01',
        history: [
          { version: 3, fileName: 'NRG-Routing-Guide-2026-v3.pdf', changeNote: 'Zone map corrected.', publishedAt: '2026-01-15T09:00:00Z' },
          { version: 2, fileName: 'NRG-Routing-Guide-2026-v2.pdf', changeNote: null, publishedAt: '2025-12-01T09:00:00Z' },
        ],
      }),
      document('doc_agr_101', 'Trading partner agreement', 'agreement', 'Agreement', {
        version: 2,
        fileId: 'f2',
        fileName: 'TPA-Prairie-Gold.pdf',
        sizeBytes: 482113,
        private: true,
        expiresOn: '2026-04-02',
        review: { version: 3, fileName: 'TPA-Prairie-Gold-signed.pdf', status: 'in_review', comment: null, at: '2026-03-12T11:00:00Z' },
      }),
      document('doc_lbl_101', 'GS1-128 label sample', 'test_evidence', 'Test evidence', {
        version: 1,
        fileId: 'f3',
        fileName: 'label-sample.png',
        sizeBytes: 88213,
        private: true,
        review: {
          version: 2,
          fileName: 'label-sample-new.png',
          status: 'rejected',
          comment: 'The quiet zone left of the bar code is too narrow (6 mm instead of 10 mm).',
          at: '2026-03-11T15:00:00Z',
        },
        conflict: 'You and our team changed this document at the same time. Both versions were kept, and our team decides which one is published.',
      }),
      document('doc_w9_101', 'W-9', 'tax_form', 'Tax form', {
        status: 'in_review',
        statusLabel: 'In review',
        restricted: true,
        version: 1,
        fileId: '',
        fileName: '',
        publishedAt: null,
      }),
    ],
    requests: [
      {
        id: 'GX-5T2P-81QD',
        kind: 'request',
        record: 'collaboration-requests/req_01JA5C',
        reference: 'GX-5T2P-81QD',
        number: 'CR-2026-01877',
        title: 'Question about an invoice',
        status: 'triaged',
        statusLabel: 'With the team',
        open: true,
        team: 'AP disputes',
        dueAt: '2026-03-17T17:00:00Z',
        nextStep: null,
        message: null,
        submittedAt: '2026-03-12T10:12:00Z',
      },
      {
        id: 'GX-2B9K-44RT',
        kind: 'case_comment',
        record: 'cases/case_01JA3B',
        reference: 'GX-2B9K-44RT',
        number: null,
        title: 'Comment on an issue',
        status: 'done',
        statusLabel: 'Done',
        open: false,
        team: null,
        dueAt: null,
        nextStep: null,
        message: null,
        submittedAt: '2026-03-12T16:05:00Z',
      },
      {
        id: 'GX-1A1A-10ZZ',
        kind: 'step_submission',
        record: 'enrollments/enr_01J9QK',
        reference: 'GX-1A1A-10ZZ',
        number: null,
        title: 'Onboarding step',
        status: 'not_possible',
        statusLabel: 'Not possible',
        open: false,
        team: null,
        dueAt: null,
        nextStep: null,
        message: 'This step has been completed already.',
        submittedAt: '2026-03-02T10:00:00Z',
      },
    ],
    messages: [
      {
        id: 'dsp_0187',
        campaign: 'compliance-passed-v1',
        title: 'Your ship notices pass the check again',
        body: '<p>Since 12 March every <strong>856</strong> has arrived before its goods. Live monitoring goes on; there is nothing for you to do.</p>',
        kind: 'transactional',
        importance: 'info',
        record: 'compliance-checks/chk_asn_timing_pgf',
        sentAt: '2026-03-12T14:05:40Z',
      },
      {
        id: 'dsp_0171',
        campaign: 'case-reminder-v1',
        title: 'An issue has been waiting for you for two days',
        body: '<p>Please look at issue TG-2026-004711. The goods are expected on <em>16 March</em>.</p>',
        kind: 'transactional',
        importance: 'important',
        record: 'cases/case_01JA3B',
        sentAt: '2026-03-13T07:00:00Z',
      },
      {
        id: 'dsp_0102',
        campaign: 'supplier-day',
        title: 'Supplier day on 22 April',
        body: '<p>Meet the receiving team in Omaha. <a href="https://www.northwind.example/day" rel="noopener">Program</a></p>',
        kind: 'marketing',
        importance: 'info',
        record: null,
        sentAt: '2026-03-01T09:00:00Z',
      },
    ],
  };
}

function baltic() {
  return {
    status: [
      {
        id: 'GC055120098871',
        partnerName: 'Baltic Home Textiles OÜ',
        status: 'active',
        headline: 'Everything is in order.',
        onboardingPercent: null,
        currentSteps: [],
        nextSteps: [],
        documentRequests: [],
        failedChecks: 0,
        openCases: 0,
        cases: [],
        updatedAt: NOW,
      },
    ],
    notices: notices(),
  };
}

function step(key, title, status, statusLabel, rest) {
  return { key, title, status, statusLabel, waitsOn: [], requiredDocumentTypes: [], dueOn: null, note: null, instructions: null, ...rest };
}

function document(id, title, category, categoryLabel, rest) {
  return {
    id,
    title,
    category,
    categoryLabel,
    type: category,
    status: 'published',
    statusLabel: 'Published',
    restricted: false,
    version: 0,
    fileId: '',
    fileName: '',
    mediaType: 'application/pdf',
    sizeBytes: 0,
    private: false,
    changeNote: null,
    effectiveFrom: null,
    expiresOn: null,
    publishedAt: '2026-03-10T09:00:00Z',
    history: [],
    review: null,
    conflict: '',
    updatedAt: NOW,
    ...rest,
  };
}

function notices() {
  return [
    {
      id: 'ntc_0101',
      kind: 'maintenance',
      kindLabel: 'Maintenance',
      title: 'Mailbox maintenance, North America',
      active: true,
      status: 'scheduled',
      statusLabel: 'Planned',
      impact: 'minor',
      impactLabel: 'Minor',
      updatedAt: NOW,
      startsAt: '2026-03-15T02:00:00Z',
      endsAt: null,
      scheduledFor: '2026-03-15T02:00:00Z',
      expectedUntil: '2026-03-15T04:00:00Z',
      components: [],
      transactionTypes: ['850 purchase order'],
      entries: [],
      workaround: null,
    },
    {
      id: 'ntc_0098',
      kind: 'incident',
      kindLabel: 'Incident',
      title: 'Delayed delivery of 810 and INVOIC to EU mailboxes',
      active: true,
      status: 'monitoring',
      statusLabel: 'Being watched',
      impact: 'major',
      impactLabel: 'Major',
      updatedAt: NOW,
      startsAt: '2026-03-12T06:40:00Z',
      endsAt: null,
      scheduledFor: null,
      expectedUntil: '2026-03-13T12:00:00Z',
      components: [{ name: 'Mailbox delivery (EU)', state: 'degraded', stateLabel: 'Slow' }],
      transactionTypes: ['810 invoice', 'INVOIC invoice'],
      entries: [
        { at: '2026-03-12T09:15:00Z', statusLabel: 'Being watched', html: '<p>Backlog cleared to 12 minutes.</p>' },
        { at: '2026-03-12T07:30:00Z', statusLabel: 'Cause found', html: '<p>A delivery node was removed from rotation.</p>' },
      ],
      workaround: 'Do not resend. Queued invoices deliver in order.',
    },
    {
      id: 'ntc_0077',
      kind: 'incident',
      kindLabel: 'Incident',
      title: 'Portal sign-in slow',
      active: false,
      status: 'resolved',
      statusLabel: 'Resolved',
      impact: 'minor',
      impactLabel: 'Minor',
      updatedAt: NOW,
      startsAt: '2026-02-20T06:40:00Z',
      endsAt: '2026-02-20T07:40:00Z',
      scheduledFor: null,
      expectedUntil: null,
      components: [],
      transactionTypes: [],
      entries: [{ at: '2026-02-20T07:40:00Z', statusLabel: 'Resolved', html: '<p>Sign-in is as fast as before.</p>' }],
      workaround: null,
    },
  ];
}

/** A portal of its administrator. */
function administrator(portal) {
  const sections = ['onboarding', 'issues', 'notices', 'documents', 'requests', 'messages', 'activity'];
  const actions = ['comment', 'answer_resolution', 'answer_request', 'submit_step', 'upload_version', 'send_request', 'manage_people'];
  return { ...portal, may: { sections, actions } };
}

/** A portal of a role that sees four sections, comments on issues, and sends one form. */
function restricted({ sections, ...portal }) {
  const may = { sections: ['onboarding', 'issues', 'documents', 'requests'], actions: ['comment', 'send_request'] };
  const hidden = ['notices', 'messages', 'activity'];
  const rows = Object.fromEntries(Object.entries(sections).map(([name, section]) => [name, hidden.includes(name) ? { ...section, rows: [] } : section]));
  return { ...portal, sections: rows, hidden, may, forms: ['invoice-question'] };
}
