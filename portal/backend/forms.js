// Made by `make config`. Do not edit.

export const FORMS = {
  "invoice-question": {
    "title": "Question about an invoice",
    "action": "request",
    "fields": [
      {
        "name": "invoiceNumber",
        "target": "invoice_number",
        "label": "Invoice number",
        "kind": "text",
        "required": true,
        "maxLength": 60,
        "choices": []
      },
      {
        "name": "poNumber",
        "target": "po_number",
        "label": "Order number",
        "kind": "text",
        "required": false,
        "maxLength": 60,
        "choices": []
      },
      {
        "name": "lineNumber",
        "target": "line_number",
        "label": "Line",
        "kind": "integer",
        "required": false,
        "maxLength": 1000,
        "choices": []
      },
      {
        "name": "invoicedUnitPrice",
        "target": "invoiced_unit_price",
        "label": "Price on the invoice",
        "kind": "decimal",
        "required": false,
        "maxLength": 1000,
        "choices": []
      },
      {
        "name": "poUnitPrice",
        "target": "po_unit_price",
        "label": "Price on the order",
        "kind": "decimal",
        "required": false,
        "maxLength": 1000,
        "choices": []
      },
      {
        "name": "currency",
        "target": "currency",
        "label": "Currency",
        "kind": "choice",
        "required": false,
        "maxLength": 1000,
        "choices": [
          "USD",
          "EUR",
          "CAD",
          "GBP"
        ]
      },
      {
        "name": "quantity",
        "target": "quantity",
        "label": "Quantity",
        "kind": "decimal",
        "required": false,
        "maxLength": 1000,
        "choices": []
      },
      {
        "name": "question",
        "target": "question",
        "label": "Your question",
        "kind": "text",
        "required": true,
        "maxLength": 4000,
        "choices": []
      }
    ],
    "filled": {
      "name": "your_name",
      "email": "email"
    }
  },
  "issue-comment": {
    "title": "Comment on an issue",
    "action": "case_comment",
    "fields": [],
    "filled": {
      "name": "your_name"
    }
  },
  "issue-resolution": {
    "title": "Answer to a solution",
    "action": "case_resolution",
    "fields": [],
    "filled": {}
  },
  "onboarding-step": {
    "title": "Onboarding step",
    "action": "step_submission",
    "fields": [
      {
        "name": "comment",
        "target": "comment",
        "label": "Remarks",
        "kind": "text",
        "required": false,
        "maxLength": 1000,
        "choices": []
      }
    ],
    "filled": {}
  },
  "partner-question": {
    "title": "Question to the partner desk",
    "action": "request",
    "fields": [
      {
        "name": "topic",
        "target": "topic",
        "label": "What is it about?",
        "kind": "choice",
        "required": true,
        "maxLength": 1000,
        "choices": [
          "orders",
          "freight",
          "routing",
          "tax",
          "bank",
          "insurance",
          "other"
        ]
      },
      {
        "name": "question",
        "target": "question",
        "label": "Your question",
        "kind": "text",
        "required": true,
        "maxLength": 4000,
        "choices": []
      }
    ],
    "filled": {
      "name": "your_name",
      "email": "email"
    }
  },
  "ship-notice-problem": {
    "title": "Problem with a ship notice",
    "action": "request",
    "fields": [
      {
        "name": "poNumber",
        "target": "po_number",
        "label": "Order number",
        "kind": "text",
        "required": true,
        "maxLength": 60,
        "choices": []
      },
      {
        "name": "shipmentId",
        "target": "shipment_id",
        "label": "Shipment",
        "kind": "text",
        "required": false,
        "maxLength": 60,
        "choices": []
      },
      {
        "name": "arrivesOn",
        "target": "arrives_on",
        "label": "Arrives on",
        "kind": "date",
        "required": false,
        "maxLength": 1000,
        "choices": []
      },
      {
        "name": "alreadyShipped",
        "target": "already_shipped",
        "label": "The goods are on their way",
        "kind": "boolean",
        "required": false,
        "maxLength": 1000,
        "choices": []
      },
      {
        "name": "question",
        "target": "question",
        "label": "What happened?",
        "kind": "text",
        "required": true,
        "maxLength": 4000,
        "choices": []
      }
    ],
    "filled": {
      "name": "your_name",
      "email": "email"
    }
  }
};

export const ATTACHMENTS = {
  "types": [
    "pdf",
    "xlsx",
    "xls",
    "csv",
    "docx",
    "doc",
    "png",
    "jpg",
    "jpeg",
    "xml",
    "edi",
    "txt",
    "zip"
  ],
  "mostBytes": 26214400
};
