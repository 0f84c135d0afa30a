/** The request forms, as `getRequestForms` gives them. */

export function forms() {
  return [
    {
      key: 'invoice-question',
      title: 'Question about an invoice',
      fields: [
        field('invoiceNumber', 'invoice_number', 'Invoice number', 'text', { required: true, maxLength: 60 }),
        field('poNumber', 'po_number', 'Order number', 'text', { maxLength: 60 }),
        field('lineNumber', 'line_number', 'Line', 'integer'),
        field('invoicedUnitPrice', 'invoiced_unit_price', 'Price on the invoice', 'decimal'),
        field('currency', 'currency', 'Currency', 'choice', { choices: ['USD', 'EUR'] }),
        field('question', 'question', 'Your question', 'text', { required: true, maxLength: 4000 }),
        field('name', 'your_name', 'Your name', 'text', { required: true, maxLength: 200 }),
        field('email', 'email', 'E-mail address', 'email', { required: true }),
        field('files', 'attachments', 'Attachments', 'files'),
        field('website', 'website', 'Website', 'text'),
      ],
    },
    {
      key: 'ship-notice-problem',
      title: 'Problem with a ship notice',
      fields: [
        field('poNumber', 'po_number', 'Order number', 'text', { required: true, maxLength: 60 }),
        field('arrivesOn', 'arrives_on', 'Arrives on', 'date'),
        field('alreadyShipped', 'already_shipped', 'The goods are on their way', 'boolean'),
        field('question', 'question', 'What happened?', 'text', { required: true, maxLength: 4000 }),
      ],
    },
    {
      key: 'partner-question',
      title: 'Question to the partner desk',
      fields: [
        field('topic', 'topic', 'What is it about?', 'choice', { required: true, choices: ['orders', 'freight'] }),
        field('question', 'question', 'Your question', 'text', { required: true, maxLength: 4000 }),
      ],
      attachments: { name: 'files', target: 'attachments', label: 'Attachments', types: ['pdf', 'csv'], most: 2, mostBytes: 2_000_000 },
    },
    {
      key: 'new-location',
      title: 'A new location',
      fields: [
        field('gln', 'gln', 'GLN', 'gln', { required: true, maxLength: 60 }),
        field('services', 'services', 'Services', 'choices', { required: true, choices: ['orders', 'freight', 'tax'], other: 'Other' }),
        field('where', 'where', 'Address', 'address', { required: true, maxLength: 200 }),
        field('phone', 'phone', 'Telephone', 'phone', { maxLength: 60 }),
        field('opens', 'opens_at', 'Opens at', 'time'),
        field('visit', 'visit_at', 'First visit', 'datetime'),
        field('ease', 'ease', 'How easy was it?', 'rating', { highest: 5 }),
        field('page', 'page', 'Web page', 'url', { maxLength: 200 }),
      ],
    },
  ];
}

/** The form of a step with questions of its own, as `getPortal` gives it with the step. */
export function insuranceForm() {
  return {
    title: 'Certificate of insurance',
    fields: [
      field('insurer', 'insurer', 'Insurer', 'text', { required: true, maxLength: 60, hint: 'As the certificate names it.' }),
      field('cover', 'cover_each', 'Cover', 'decimal', { required: true }),
      field('currency', 'currency', 'Currency', 'choice', { required: true, choices: ['USD', 'other'] }),
      field('expiresOn', 'expires_on', 'Expires', 'date', { required: true }),
      field('claims', 'claims', 'Claims last year', 'integer'),
      field('broker', 'broker_email', 'E-mail address', 'email'),
      field('holder', 'holder', 'Northwind is named as holder', 'boolean'),
      field('comment', 'comment', 'Remarks', 'text', { maxLength: 1000 }),
    ],
    words: {},
  };
}

/** What the form says itself in German. */
export const insuranceInGerman = {
  Insurer: 'Versicherer',
  'As the certificate names it.': 'Wie er auf der Bescheinigung steht.',
  other: 'Andere Währung',
  'Claims last year': 'Schäden im Vorjahr',
};

function field(name, target, label, kind, rest = {}) {
  return { name, target, label, kind, required: false, maxLength: kind === 'text' ? 200 : null, choices: [], ...rest };
}
