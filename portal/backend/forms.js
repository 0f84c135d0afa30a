// Made by `make config`. Do not edit.

export const FORMS = {
  "edi-setup": {
    "title": "EDI setup",
    "action": "step_submission",
    "fields": [
      {
        "name": "standard",
        "target": "standard",
        "label": "Standard",
        "kind": "choice",
        "required": true,
        "maxLength": 1000,
        "choices": [
          "X12",
          "EDIFACT"
        ]
      },
      {
        "name": "connection",
        "target": "connection",
        "label": "Connection",
        "kind": "choice",
        "required": true,
        "maxLength": 1000,
        "choices": [
          "AS2",
          "SFTP",
          "VAN"
        ]
      },
      {
        "name": "address",
        "target": "edi_address",
        "label": "EDI address",
        "hint": "Qualifier and identifier of ISA or UNB, such as ZZ:PRAIRIEGOLD.",
        "kind": "trading_address",
        "required": true,
        "maxLength": 60,
        "choices": []
      },
      {
        "name": "contact",
        "target": "edi_contact",
        "label": "E-mail address",
        "hint": "Who is told when a document is not acknowledged.",
        "kind": "email",
        "required": true,
        "maxLength": 1000,
        "choices": []
      },
      {
        "name": "testFrom",
        "target": "test_from",
        "label": "Tests can begin on",
        "kind": "date",
        "required": false,
        "maxLength": 1000,
        "choices": []
      },
      {
        "name": "perDay",
        "target": "per_day",
        "label": "Documents per day",
        "kind": "integer",
        "required": false,
        "maxLength": 1000,
        "choices": []
      },
      {
        "name": "acknowledges",
        "target": "acknowledges",
        "label": "We send 997 or CONTRL by ourselves",
        "kind": "boolean",
        "required": false,
        "maxLength": 1000,
        "choices": []
      },
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
    "filled": {},
    "words": {
      "de": {
        "Documents per day": "Belege am Tag",
        "Qualifier and identifier of ISA or UNB, such as ZZ:PRAIRIEGOLD.": "Qualifier und Kennung aus ISA oder UNB, etwa ZZ:PRAIRIEGOLD.",
        "Tests can begin on": "Tests können beginnen am",
        "We send 997 or CONTRL by ourselves": "Wir senden 997 oder CONTRL von selbst",
        "Who is told when a document is not acknowledged.": "Wer erfährt, wenn ein Beleg nicht bestätigt wird."
      }
    }
  },
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
    },
    "words": {},
    "attachments": {
      "name": "files",
      "target": "attachments",
      "label": "Attachments"
    }
  },
  "issue-comment": {
    "title": "Comment on an issue",
    "action": "case_comment",
    "fields": [],
    "filled": {
      "name": "your_name"
    },
    "words": {}
  },
  "issue-resolution": {
    "title": "Answer to a solution",
    "action": "case_resolution",
    "fields": [],
    "filled": {},
    "words": {}
  },
  "onboarding-question": {
    "title": "Question about the onboarding",
    "action": "request",
    "fields": [
      {
        "name": "step",
        "target": "step",
        "label": "Step",
        "hint": "If it is about one, as the overview calls it.",
        "kind": "text",
        "required": false,
        "maxLength": 200,
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
    },
    "words": {
      "de": {
        "If it is about one, as the overview calls it.": "Falls es um einen geht, wie ihn die Übersicht nennt."
      }
    },
    "attachments": {
      "name": "files",
      "target": "attachments",
      "label": "Attachments"
    }
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
    "filled": {},
    "words": {}
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
    },
    "words": {},
    "attachments": {
      "name": "files",
      "target": "attachments",
      "label": "Attachments"
    }
  },
  "request-answer": {
    "title": "Answer to a question",
    "action": "request_comment",
    "fields": [],
    "filled": {
      "name": "your_name"
    },
    "words": {}
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
    },
    "words": {}
  }
};

export const ATTACHMENTS = {
  "types": [
    "pdf",
    "xlsx",
    "xls",
    "ods",
    "csv",
    "docx",
    "doc",
    "odt",
    "rtf",
    "pptx",
    "png",
    "jpg",
    "jpeg",
    "gif",
    "tif",
    "tiff",
    "heic",
    "webp",
    "msg",
    "eml",
    "cer",
    "crt",
    "pem",
    "p7b",
    "p7c",
    "p7m",
    "edi",
    "x12",
    "edifact",
    "idoc",
    "xml",
    "json",
    "txt",
    "zip"
  ],
  "most": 5,
  "mostBytes": 26214400
};
